import { expect, test } from 'vitest';
import type { Evidence } from '../../evidence/evidence.ts';
import { answered, forgetProbe, goodEvidence, recordedTlsProbe } from '../testing/evidence-fixture.ts';
import { describeCheck, verdictOf } from '../testing/mutation-fixture.ts';
import { offersPostQuantumKeyExchange } from './offers-post-quantum-key-exchange.ts';

const answer = (evidence: Evidence) => answered(recordedTlsProbe(evidence, 'tls-trusted'));

async function hybridEvidence(): Promise<Evidence> {
  const evidence = await goodEvidence();
  Object.assign(answer(evidence), {
    keyExchangeGroup: 'X25519MLKEM768',
    signatureAlgorithm: 'ecdsa_secp256r1_sha256',
  });
  return evidence;
}

describeCheck(
  offersPostQuantumKeyExchange,
  hybridEvidence,
  [offersPostQuantumKeyExchange],
  [
    {
      name: 'no probe met the gateway',
      mutate: (evidence) => forgetProbe(evidence, 'tls-trusted'),
      says: ['no TLS probe "tls-trusted"'],
    },
    {
      name: 'the handshake did not end',
      mutate: (evidence) => {
        recordedTlsProbe(evidence, 'tls-trusted').outcome = { error: 'read ECONNRESET', code: 'ECONNRESET' };
      },
      says: ['ended in read ECONNRESET'],
    },
    {
      name: 'no group was recorded',
      mutate: (evidence) => {
        answer(evidence).keyExchangeGroup = null;
      },
      says: ['recorded no group'],
    },
  ],
);

test('warns of a classical key exchange, which decides nothing', async () => {
  const evidence = await hybridEvidence();
  expect(verdictOf(offersPostQuantumKeyExchange, evidence).warning).toBeUndefined();
  answer(evidence).keyExchangeGroup = 'x25519';
  expect(verdictOf(offersPostQuantumKeyExchange, evidence)).toMatchObject({
    result: 'passed',
    warning: true,
    message: expect.stringContaining('The gateway chose x25519, signed with ecdsa_secp256r1_sha256'),
  });
});
