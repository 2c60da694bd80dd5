import type { Evidence } from '../../evidence/evidence.ts';
import { caEvidence } from '../testing/ca-evidence-fixture.ts';
import { describeCheck } from '../testing/mutation-fixture.ts';
import { revokedOnRequest } from './revoked-on-request.ts';

function answered(index: number, answer: { status?: number; error?: string | null; fingerprintSha256?: string }) {
  return (evidence: Evidence) => {
    Object.assign(evidence.acme?.revocations[index] ?? {}, answer);
  };
}

describeCheck(
  revokedOnRequest,
  caEvidence,
  [revokedOnRequest],
  [
    {
      name: 'the CA refused',
      mutate: answered(0, { status: 403, error: 'urn:ietf:params:acme:error:unauthorized' }),
      says: ['should be answered 200, but was 403 (urn:ietf:params:acme:error:unauthorized)'],
    },
    {
      name: 'the CA accepted it twice',
      mutate: answered(1, { status: 200, error: null }),
      says: ['alreadyRevoked, but was answered 200 (no error)'],
    },
    {
      name: 'another certificate was revoked',
      mutate: answered(0, { fingerprintSha256: '00' }),
      says: ['for a certificate other than the leaf'],
    },
    {
      name: 'it was asked once',
      mutate: (evidence) => void evidence.acme?.revocations.pop(),
      says: ['1 revocation request(s)'],
    },
  ],
);
