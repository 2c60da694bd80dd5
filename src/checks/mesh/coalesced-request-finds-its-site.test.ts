import { expect, test } from 'vitest';
import type { Evidence } from '../../evidence/evidence.ts';
import { probeNames } from '../../evidence/probe-names.ts';
import { forgetProbe, goodEvidence, host, recordedHttpProbe, secondHost } from '../testing/evidence-fixture.ts';
import { describeCheck, verdictOf } from '../testing/mutation-fixture.ts';
import { coalescedRequestFindsItsSite } from './coalesced-request-finds-its-site.ts';

const { otherSite, coalescedTwoGateways, coalescedOneGateway } = probeNames;

function answer(evidence: Evidence, name: string, status: number): void {
  recordedHttpProbe(evidence, name).outcome = { status, httpVersion: '2', headers: {}, body: '' };
}

async function coalescedEvidence(): Promise<Evidence> {
  const evidence = await goodEvidence();
  const url = `https://${secondHost}/get`;
  for (const name of [otherSite, coalescedTwoGateways, coalescedOneGateway]) {
    const probe = { ...structuredClone(recordedHttpProbe(evidence, probeNames.httpsApplication)), name, url };
    evidence.probes.push(name === otherSite ? probe : { ...probe, serverName: host });
    answer(evidence, name, name === coalescedTwoGateways ? 421 : 200);
  }
  return evidence;
}

test('warns of 404', async () => {
  const evidence = await coalescedEvidence();
  answer(evidence, coalescedTwoGateways, 404);
  const verdict = verdictOf(coalescedRequestFindsItsSite, evidence);
  expect(verdict).toMatchObject({ result: 'passed', warning: true });
  expect(verdict.message).toContain(`over the connection of ${host} was answered 404`);
});

describeCheck(
  coalescedRequestFindsItsSite,
  coalescedEvidence,
  [coalescedRequestFindsItsSite],
  [
    { name: 'nobody asked', mutate: (evidence) => forgetProbe(evidence, coalescedOneGateway), says: ['no HTTP probe'] },
    {
      name: 'the other site is not served at all',
      mutate: (evidence) => answer(evidence, otherSite, 404),
      says: ['Over a connection of its own', 'was answered 404'],
    },
    {
      name: 'one Gateway does not help',
      mutate: (evidence) => answer(evidence, coalescedOneGateway, 404),
      says: ['With one Gateway for the wildcard', 'but was answered 404'],
    },
    {
      name: 'the gateway fails',
      mutate: (evidence) => answer(evidence, coalescedTwoGateways, 503),
      says: ['was answered 503, which is neither the site nor 421'],
    },
    {
      name: 'the connection was not shared',
      mutate(evidence) {
        delete recordedHttpProbe(evidence, coalescedTwoGateways).serverName;
      },
      says: [`went over a connection to ${secondHost}`],
    },
    {
      name: 'it was no HTTP/2',
      mutate(evidence) {
        const probe = recordedHttpProbe(evidence, coalescedOneGateway);
        probe.outcome = { status: 200, httpVersion: '1.1', headers: {}, body: '' };
      },
      says: ['went over HTTP/1.1'],
    },
    {
      name: 'the connection broke',
      mutate(evidence) {
        recordedHttpProbe(evidence, coalescedOneGateway).outcome = { error: 'read ECONNRESET', code: 'ECONNRESET' };
      },
      says: ['failed: read ECONNRESET'],
    },
  ],
);
