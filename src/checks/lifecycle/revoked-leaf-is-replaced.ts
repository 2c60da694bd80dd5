import { probeNames } from '../../evidence/probe-names.ts';
import { describeError, tlsProbe } from '../../issuance/recorded-probe.ts';
import { secretLeaves } from '../../issuance/secret-leaves.ts';
import { type Check, failed, passed } from '../check.ts';

const probeName = probeNames.tlsTrusted;

/** cert-manager does not know of a revocation: whoever revokes must have it issue again, and see another leaf served. */
export const revokedLeafIsReplaced: Check = {
  id: 'revoked-leaf-is-replaced',
  asserts:
    'The CA revoked the leaf that was served; then another one with another key was issued, and the gateway serves that.',
  judge(evidence) {
    const revocation = evidence.acme?.revocations.find(({ status }) => status === 200);
    if (revocation === undefined) return failed('The CA did not revoke a certificate.');
    const leaves = secretLeaves(evidence);
    const revoked = leaves.find(({ leaf }) => leaf.fingerprintSha256 === revocation.fingerprintSha256)?.leaf;
    if (revoked === undefined)
      return failed(`The revoked certificate ${revocation.fingerprintSha256} was never in the Secret.`);
    const now = leaves.at(-1)?.leaf;
    if (now === undefined || now.fingerprintSha256 === revoked.fingerprintSha256)
      return failed(`The Secret still holds the revoked leaf ${revoked.serialNumber}.`);
    if (now.publicKeySha256 === revoked.publicKeySha256)
      return failed(`The new leaf ${now.serialNumber} has the key of the revoked one.`);
    const probe = tlsProbe(evidence, probeName);
    if (probe === undefined) return failed(`The evidence has no TLS probe "${probeName}".`);
    if ('error' in probe.outcome)
      return failed(`TLS probe "${probeName}" got no certificate: ${describeError(probe.outcome)}.`);
    const served = probe.outcome.chain[0]?.fingerprintSha256;
    if (served === revoked.fingerprintSha256)
      return failed(`The gateway still serves the revoked leaf ${revoked.serialNumber} at ${probe.at}.`);
    if (served !== now.fingerprintSha256)
      return failed(`The gateway serves neither the revoked leaf nor that of the Secret.`);
    return passed(
      `The leaf ${revoked.serialNumber} was revoked at ${revocation.at}; ${now.serialNumber} is served instead, with another key.`,
    );
  },
};
