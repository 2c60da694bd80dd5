import { actionNames } from '../../evidence/action-names.ts';
import type { Evidence } from '../../evidence/evidence.ts';
import { after } from '../testing/evidence-fixture.ts';
import { describeCheck } from '../testing/mutation-fixture.ts';
import { recordedSeries, renewalEvidence } from '../testing/renewal-evidence-fixture.ts';
import { oldCertificateStaysServed } from './old-certificate-stays-served.ts';

/** Two invalid Secrets while the first leaf of the fixture is served. */
async function invalidEvidence(): Promise<Evidence> {
  const evidence = await renewalEvidence();
  const { invalidSecret: name } = actionNames;
  evidence.actions.push(
    { at: after(30), name, detail: 'a key of another certificate' },
    { at: after(34), name, detail: 'an empty certificate' },
    { at: after(38), name, detail: 'none any more' },
  );
  return evidence;
}

describeCheck(
  oldCertificateStaysServed,
  invalidEvidence,
  [oldCertificateStaysServed],
  [
    {
      name: 'nobody connected',
      mutate: (evidence) => void evidence.probes.splice(0),
      says: ['no series of TLS connections'],
    },
    {
      name: 'the Secret was good all the time',
      mutate: (evidence) => void evidence.actions.splice(-3),
      says: ['no action by which the Secret became invalid'],
    },
    {
      name: 'no certificate was served at all',
      mutate(evidence) {
        recordedSeries(evidence).outcome.leaves = [];
      },
      says: ['No connection was served a certificate.'],
    },
    {
      name: 'the gateway closes the port',
      mutate(evidence) {
        const { runs } = recordedSeries(evidence).outcome;
        const failure = { since: after(35), until: after(36), count: 50, error: 'read ECONNRESET', code: 'ECONNRESET' };
        runs.splice(1, 0, failure);
      },
      says: ['While the Secret had an empty certificate', '50 client(s)', 'met read ECONNRESET'],
    },
    {
      name: 'another certificate is served',
      mutate(evidence) {
        const [first] = recordedSeries(evidence).outcome.runs;
        if (first !== undefined && !('error' in first)) first.fingerprintSha256 = 'ef'.repeat(32);
      },
      says: ['met another certificate'],
    },
    {
      name: 'nobody connected while it was invalid',
      mutate(evidence) {
        const [first] = recordedSeries(evidence).outcome.runs;
        if (first !== undefined) first.until = after(29);
      },
      says: ['no client connected'],
    },
    {
      name: 'hardly anybody connected',
      mutate(evidence) {
        recordedSeries(evidence).outcome.connections = 12;
      },
      says: ['Only 12 connections'],
    },
  ],
);
