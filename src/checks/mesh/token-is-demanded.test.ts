import type { Evidence } from '../../evidence/evidence.ts';
import { probeNames } from '../../evidence/probe-names.ts';
import { forgetProbe, goodEvidence, recordedHttpProbe } from '../testing/evidence-fixture.ts';
import { describeCheck } from '../testing/mutation-fixture.ts';
import { tokenIsDemanded } from './token-is-demanded.ts';

const { withoutToken, withForeignToken, withToken } = probeNames;

function answer(evidence: Evidence, name: string, status: number): void {
  recordedHttpProbe(evidence, name).outcome = { status, httpVersion: '2', headers: {}, body: '' };
}

async function demandingEvidence(): Promise<Evidence> {
  const evidence = await goodEvidence();
  for (const [name, status] of Object.entries({ [withoutToken]: 403, [withForeignToken]: 401, [withToken]: 200 })) {
    evidence.probes.push({ ...structuredClone(recordedHttpProbe(evidence, probeNames.httpsApplication)), name });
    answer(evidence, name, status);
  }
  return evidence;
}

describeCheck(
  tokenIsDemanded,
  demandingEvidence,
  [tokenIsDemanded],
  [
    { name: 'nobody asked', mutate: (evidence) => forgetProbe(evidence, withoutToken), says: ['no HTTP probe'] },
    {
      name: 'the policy lets everybody in',
      mutate: (evidence) => answer(evidence, withoutToken, 200),
      says: ['without a token should have been answered 403, but was answered 200'],
    },
    {
      name: 'any token will do',
      mutate: (evidence) => answer(evidence, withForeignToken, 200),
      says: ['that somebody else signed should have been answered 401'],
    },
    {
      name: 'the right token is refused',
      mutate: (evidence) => answer(evidence, withToken, 401),
      says: ['with a token should have been answered 200, but was answered 401'],
    },
    {
      name: 'the port is closed',
      mutate(evidence) {
        recordedHttpProbe(evidence, withToken).outcome = { error: 'connect ECONNREFUSED', code: 'ECONNREFUSED' };
      },
      says: ['failed: connect ECONNREFUSED'],
    },
  ],
);
