import { beforeEach, expect, test } from 'vitest';
import {
  answered,
  fixtureCa,
  forgetProbe,
  goodEvidence,
  host,
  recordedTlsProbe,
} from '../checks/testing/evidence-fixture.ts';
import type { CertificateFacts, Evidence } from '../evidence/evidence.ts';
import { reportSchema } from '../report/report.ts';
import { chainOf } from './chain.ts';

let evidence: Evidence;

beforeEach(async () => {
  evidence = await goodEvidence();
});

const served = (): CertificateFacts[] => answered(recordedTlsProbe(evidence, 'tls-trusted')).chain;
const outline = () => chainOf(evidence).map(({ role, origin, subject }) => `${role} ${origin} ${subject}`);

const leaf = 'leaf served ';
const intermediate = 'intermediate served CN=Pebble Intermediate CA 51b0d2';
const root = 'CN=Pebble Root CA 7a1c3e';

test("the served chain from its leaf, then the CA's root that was not sent", () => {
  expect(outline()).toEqual([leaf, intermediate, `root ca ${root}`]);
  expect(chainOf(evidence)[0]?.dnsNames).toEqual([host]);
});

test('what is told of a certificate are the facts of it, without its PEM, as the published format has it', () => {
  const chain = chainOf(evidence);
  const { pem: _, publicKeySha256: __, ...facts } = served()[0] as CertificateFacts;
  expect(chain[0]).toEqual({ role: 'leaf', origin: 'served', ...facts });
  expect(reportSchema.shape.scenarios.element.shape.chain.safeParse(chain).error).toBeUndefined();
});

test('a root that the server sent is told once, as served', async () => {
  served().push((await fixtureCa()).root.facts);
  expect(outline()).toEqual([leaf, intermediate, `root served ${root}`]);
});

test('the order is that in which the server sent it', async () => {
  const { root: ofCa, foreign } = await fixtureCa();
  served().splice(1, 0, ofCa.facts);
  served().push(foreign.facts);
  expect(outline()).toEqual([leaf, `root served ${root}`, intermediate, 'intermediate served CN=Foreign Root CA']);
});

test('a chain that does not end at a root of the CA has none', async () => {
  evidence.ca.roots = [(await fixtureCa()).foreign.facts];
  expect(outline()).toEqual([leaf, intermediate]);
});

test('a chain without its intermediate is what was sent, and no more', () => {
  served().pop();
  expect(outline()).toEqual([leaf]);
});

test('of several looks the last counts', () => {
  const last = structuredClone(recordedTlsProbe(evidence, 'tls-trusted'));
  answered(last).chain.pop();
  evidence.probes.push(last);
  expect(outline()).toEqual([leaf]);
});

test('the chain is empty if nothing was served', () => {
  recordedTlsProbe(evidence, 'tls-trusted').outcome = { error: 'connect ECONNREFUSED', code: 'ECONNREFUSED' };
  expect(chainOf(evidence)).toEqual([]);
  forgetProbe(evidence, 'tls-trusted');
  expect(chainOf(evidence)).toEqual([]);
});

test('facts that are not those of the certificate beside them are not shown', () => {
  const [first] = served();
  if (first !== undefined) first.dnsNames = ['other.example.test'];
  expect(chainOf(evidence)).toEqual([]);
});

test('nor is a root that cannot be parsed', () => {
  const [first] = evidence.ca.roots;
  if (first !== undefined) first.pem = '-----BEGIN CERTIFICATE-----';
  expect(chainOf(evidence)).toEqual([]);
});
