import type { Evidence } from '../../evidence/evidence.ts';
import { issueLeaf } from '../testing/certificate-fixture.ts';
import {
  after,
  fixtureCa,
  forget,
  goodEvidence,
  host,
  put,
  recorded,
  secretFacts,
} from '../testing/evidence-fixture.ts';
import { describeCheck } from '../testing/mutation-fixture.ts';
import { leafIsShortLived } from './leaf-is-short-lived.ts';

const day = 86_400;

async function livesFor(evidence: Evidence, seconds: number): Promise<void> {
  const { intermediate } = await fixtureCa();
  const leaf = await issueLeaf(intermediate, [host], { notBefore: after(0), notAfter: after(seconds) });
  secretFacts(evidence).certificates[0] = leaf;
}

async function shortLivedEvidence(): Promise<Evidence> {
  const evidence = await goodEvidence();
  await livesFor(evidence, 6 * day);
  put(recorded(evidence, 'Certificate'), ['status', 'renewalTime'], after(4 * day));
  return evidence;
}

describeCheck(
  leafIsShortLived,
  shortLivedEvidence,
  [leafIsShortLived],
  [
    {
      name: 'the CA ignored the profile',
      mutate: (evidence) => livesFor(evidence, 90 * day),
      says: ['lives for 90.00 days'],
    },
    {
      name: 'the renewal comes too late',
      mutate: (evidence) => put(recorded(evidence, 'Certificate'), ['status', 'renewalTime'], after(7 * day)),
      says: ['after its end'],
    },
    {
      name: 'no renewal is planned',
      mutate: (evidence) => put(recorded(evidence, 'Certificate'), ['status', 'renewalTime'], undefined),
      says: ['no Certificate with a status.renewalTime'],
    },
    { name: 'no Secret', mutate: (evidence) => forget(evidence, 'Secret'), says: ['No Secret'] },
  ],
);
