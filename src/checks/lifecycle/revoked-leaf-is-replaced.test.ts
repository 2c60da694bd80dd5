import type { Evidence } from '../../evidence/evidence.ts';
import { probeNames } from '../../evidence/probe-names.ts';
import { secretLeaves } from '../../issuance/secret-leaves.ts';
import { renewedEvidence } from '../testing/ca-evidence-fixture.ts';
import { after, answered, forgetProbe, recorded, recordedTlsProbe } from '../testing/evidence-fixture.ts';
import { describeCheck } from '../testing/mutation-fixture.ts';
import { revokedLeafIsReplaced } from './revoked-leaf-is-replaced.ts';

async function reissuedEvidence(): Promise<Evidence> {
  const evidence = await renewedEvidence();
  const [first, second] = secretLeaves(evidence);
  if (first === undefined || second === undefined) throw new Error('the fixture has no two leaves');
  const { fingerprintSha256 } = first.leaf;
  evidence.acme = { profiles: [], revocations: [{ at: after(28), fingerprintSha256, status: 200, error: null }] };
  answered(recordedTlsProbe(evidence, probeNames.tlsTrusted)).chain[0] = structuredClone(second.leaf);
  return evidence;
}

function serve(evidence: Evidence, which: number): void {
  const leaf = secretLeaves(evidence)[which]?.leaf;
  if (leaf !== undefined) answered(recordedTlsProbe(evidence, probeNames.tlsTrusted)).chain[0] = structuredClone(leaf);
}

describeCheck(
  revokedLeafIsReplaced,
  reissuedEvidence,
  [revokedLeafIsReplaced],
  [
    {
      name: 'the CA refused',
      mutate(evidence) {
        for (const one of evidence.acme?.revocations ?? []) one.status = 403;
      },
      says: ['did not revoke'],
    },
    {
      name: 'another certificate was revoked',
      mutate(evidence) {
        for (const one of evidence.acme?.revocations ?? []) one.fingerprintSha256 = 'ab'.repeat(32);
      },
      says: ['was never in the Secret'],
    },
    {
      name: 'nothing was issued again',
      mutate: (evidence) => void recorded(evidence, 'Secret').states.pop(),
      says: ['still holds the revoked leaf'],
    },
    {
      name: 'the key is the same',
      mutate(evidence) {
        const [first, second] = secretLeaves(evidence);
        if (first !== undefined && second !== undefined) second.leaf.publicKeySha256 = first.leaf.publicKeySha256;
        const state = recorded(evidence, 'Secret').states.at(-1);
        const facts = state?.object.padlock as { certificates: { publicKeySha256: string }[] } | undefined;
        if (first !== undefined && facts?.certificates[0] !== undefined)
          facts.certificates[0].publicKeySha256 = first.leaf.publicKeySha256;
      },
      says: ['has the key of the revoked one'],
    },
    {
      name: 'the revoked one is served',
      mutate: (evidence) => serve(evidence, 0),
      says: ['still serves the revoked leaf'],
    },
    {
      name: 'nobody looked',
      mutate: (evidence) => forgetProbe(evidence, probeNames.tlsTrusted),
      says: ['has no TLS probe'],
    },
    {
      name: 'the port is closed',
      mutate(evidence) {
        recordedTlsProbe(evidence, probeNames.tlsTrusted).outcome = { error: 'refused', code: 'ECONNREFUSED' };
      },
      says: ['got no certificate: refused (ECONNREFUSED)'],
    },
    {
      name: 'something else is served',
      mutate(evidence) {
        const [leaf] = answered(recordedTlsProbe(evidence, probeNames.tlsTrusted)).chain;
        if (leaf !== undefined) leaf.fingerprintSha256 = 'cd'.repeat(32);
      },
      says: ['serves neither'],
    },
  ],
);
