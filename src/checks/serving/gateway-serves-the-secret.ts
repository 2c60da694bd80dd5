import { probeNames } from '../../evidence/probe-names.ts';
import { describeError, tlsProbe } from '../../issuance/recorded-probe.ts';
import { findSecret } from '../../issuance/recorded-secret.ts';
import { describeCertificate, type ParsedCertificate, parseCertificates } from '../../issuance/x509-chain.ts';
import { type Check, failed, passed } from '../check.ts';

const probeName = probeNames.tlsTrusted;

/** The certificate that the gateway serves to a client, compared with the one in the Secret. */
export const gatewayServesTheSecret: Check = {
  id: 'gateway-serves-the-secret',
  asserts: "The gateway serves, for the host's SNI, exactly the chain that the Secret holds.",
  judge(evidence) {
    const secret = findSecret(evidence);
    if (typeof secret === 'string') return failed(secret);
    const probe = tlsProbe(evidence, probeName);
    if (probe === undefined) return failed(`The evidence has no TLS probe "${probeName}".`);
    const asked = `TLS probe "${probeName}" of ${probe.address}:${probe.port} with SNI ${probe.serverName}`;
    if (probe.serverName.toLowerCase() !== evidence.subject.host.toLowerCase()) {
      return failed(`The ${asked} should have asked for ${evidence.subject.host}.`);
    }
    if ('error' in probe.outcome) return failed(`The ${asked} got no certificate: ${describeError(probe.outcome)}.`);

    const held = parseCertificates(secret.facts.certificates, `tls.crt of ${secret.name}`);
    if (typeof held === 'string') return failed(held);
    const served = parseCertificates(probe.outcome.chain, `the chain served to probe "${probeName}"`);
    if (typeof served === 'string') return failed(served);
    const [heldLeaf] = held;
    const [servedLeaf] = served;
    if (heldLeaf === undefined) return failed(`${secret.name} holds no certificate in tls.crt.`);
    if (servedLeaf === undefined) return failed(`The ${asked} got no certificate.`);
    if (servedLeaf.fingerprintSha256 !== heldLeaf.fingerprintSha256) {
      return failed(
        `The ${asked} was served ${describeCertificate(servedLeaf)}, but ${secret.name} holds ${describeCertificate(heldLeaf)}.`,
      );
    }
    if (fingerprints(served) !== fingerprints(held)) {
      return failed(
        `The ${asked} was served the Secret's leaf but a different chain: served ${describeChain(served)}; ${secret.name} holds ${describeChain(held)}.`,
      );
    }
    return passed(`The ${asked} was served the chain of ${secret.name}: ${describeChain(served)}.`);
  },
};

function fingerprints(chain: readonly ParsedCertificate[]): string {
  return chain.map((certificate) => certificate.fingerprintSha256).join(' ');
}

function describeChain(chain: readonly ParsedCertificate[]): string {
  return chain.map(describeCertificate).join(' → ');
}
