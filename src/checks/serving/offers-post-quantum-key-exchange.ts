import { probeNames } from '../../evidence/probe-names.ts';
import { describeError, tlsProbe } from '../../issuance/recorded-probe.ts';
import { type Check, failed, passed, warned } from '../check.ts';

/**
 * Hybrids with ML-KEM (draft-ietf-tls-ecdhe-mlkem), and ML-KEM alone. Padlock's client offers X25519MLKEM768 and prefers it, as
 * browsers do, so what was chosen is what the server can do.
 */
const postQuantum = /MLKEM/i;

/** A connection that is recorded today must not be read once there is a large quantum computer. No rule demands it yet, so it warns. */
export const offersPostQuantumKeyExchange: Check = {
  id: 'offers-post-quantum-key-exchange',
  asserts:
    'The gateway agrees on a key exchange with ML-KEM, such as X25519MLKEM768, with a client that offers one; if not, the check passes with a warning.',
  judge(evidence) {
    const name = probeNames.tlsTrusted;
    const probe = tlsProbe(evidence, name);
    if (probe === undefined) return failed(`The evidence has no TLS probe "${name}".`);
    if ('error' in probe.outcome)
      return failed(
        `TLS probe "${name}" should have ended its handshake, but ended in ${describeError(probe.outcome)}.`,
      );
    const { protocol, keyExchangeGroup: group, signatureAlgorithm: scheme } = probe.outcome;
    if (group === undefined || group === null)
      return failed(`TLS probe "${name}" recorded no group of the key exchange (${protocol}).`);
    const signed = scheme === undefined || scheme === null ? '' : `, signed with ${scheme}`;
    if (postQuantum.test(group)) return passed(`The key exchange is ${group}${signed}, over ${protocol}.`);
    return warned(
      `The gateway chose ${group}${signed} over ${protocol}, though the client offers X25519MLKEM768: what is recorded today can be read once there is a large quantum computer. Envoy takes it from tls_params.ecdh_curves, in Istio meshConfig.tlsDefaults.ecdhCurves.`,
    );
  },
};
