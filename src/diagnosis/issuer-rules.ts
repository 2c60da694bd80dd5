import { condition, field, text } from '../issuance/recorded-object.ts';
import { quoted, type Rule, sentences } from './rule.ts';
import type { Sight } from './sight.ts';

/** What cert-manager says of an Issuer that is not Ready; null where it is, or is not there. */
function complaint(sight: Sight): { reason: string; message: string } | null {
  if (sight.isIssued) return null;
  const ready = condition(sight.issuer, 'Ready');
  return ready?.status === 'False' ? { reason: ready.reason, message: ready.message } : null;
}

/** A rule that goes by the message of an Issuer that is not Ready. */
function issuerSays(
  id: string,
  recognises: string,
  pattern: RegExp,
  tell: (sight: Sight, message: string) => { why: string; remedy: string },
): Rule {
  return {
    id,
    recognises,
    look(sight) {
      const found = complaint(sight);
      if (found === null || field(sight.issuer, 'spec', 'acme') === undefined || !pattern.test(found.message))
        return null;
      const { why, remedy } = tell(sight, found.message);
      return {
        verdict: `The account is not registered: ${why}.`,
        evidence: [`${sight.issuerName} is not Ready: ${found.reason}: ${quoted(found.message)}.`],
        remedy,
      };
    },
  };
}

function binding(sight: Sight): unknown {
  return field(sight.issuer, 'spec', 'acme', 'externalAccountBinding');
}

/** A rule that presupposes external account binding: the same words may be about another Secret. */
function withBinding(rule: Rule): Rule {
  return { ...rule, look: (sight) => (binding(sight) === undefined ? null : rule.look(sight)) };
}

function keyId(sight: Sight): string {
  return text(binding(sight), 'keyID') ?? 'none';
}

function bindingSecret(sight: Sight): string {
  const reference = field(binding(sight), 'keySecretRef');
  return `${text(reference, 'name') ?? 'none'} (key ${text(reference, 'key') ?? 'secret'})`;
}

function server(sight: Sight): string {
  return text(sight.issuer, 'spec', 'acme', 'server') ?? 'no server';
}

/** Why the ACME account is not there: the Issuer comes before everything else. External account binding: RFC 8555, section 7.3.4. */
export const issuerRules: readonly Rule[] = [
  {
    id: 'issuer-missing',
    recognises: 'a Certificate whose issuerRef names no Issuer',
    look(sight) {
      if (sight.certificate === null || sight.issuer !== null || sight.couldNotSee(sight.issuerKind)) return null;
      if (!sight.isIssuerOfCertManager) return null;
      return {
        verdict: `The issuance does not begin: ${sight.certificateName} names ${sight.issuerName}, which does not exist.`,
        evidence: sentences(
          `spec.issuerRef of ${sight.certificateName} is ${sight.issuerName}.`,
          `There is no ${sight.issuerName}.`,
        ),
        remedy: `Create ${sight.issuerName}, or set issuerRef.name and issuerRef.kind; an Issuer serves only its own namespace, a ClusterIssuer all of them.`,
      };
    },
  },
  issuerSays(
    'eab-required',
    'an account without external account binding at a CA that demands one',
    /externalAccountRequired|externalAccountBinding['"]? field/i,
    (sight) => ({
      why: `the CA at ${server(sight)} demands external account binding, and ${sight.issuerName} has none`,
      remedy: 'Set spec.acme.externalAccountBinding with the key ID and the HMAC key that the CA gave you.',
    }),
  ),
  issuerSays(
    'eab-unknown-key-id',
    'external account binding with a key ID that the CA does not know',
    /(?:'kid'|key id|kid).*not known|unknown.*kid/i,
    (sight) => ({
      why: `the CA at ${server(sight)} does not know the external account key ID '${keyId(sight)}'`,
      remedy:
        'Set spec.acme.externalAccountBinding.keyID to the key ID that this CA issued for this environment (staging or production).',
    }),
  ),
  issuerSays('eab-bad-encoding', 'an external account key that is not base64url', /illegal base64 data/i, (sight) => ({
    why: `the external account key in Secret ${bindingSecret(sight)} is not base64url`,
    remedy:
      'Store the HMAC key in the Secret exactly as the CA issued it: base64url without padding, no trailing newline, not encoded twice.',
  })),
  withBinding(
    issuerSays(
      'eab-secret-missing',
      'external account binding whose Secret does not exist',
      /(?:secret|secrets)\b.*not found|could not get secret|error reading EAB|failed to retrieve.*secret/i,
      (sight) => ({
        why: `the Secret ${bindingSecret(sight)} with the external account key does not exist`,
        remedy:
          sight.issuerKind === 'ClusterIssuer'
            ? "Create it in cert-manager's cluster resource namespace (--cluster-resource-namespace), which defaults to cert-manager's own namespace."
            : `Create it in the namespace of ${sight.issuerName}.`,
      }),
    ),
  ),
  issuerSays(
    'eab-wrong-key',
    'external account binding signed with another HMAC key',
    /JWS verification error|externalAccountBinding.*(?:verif|signature|mac)|(?:verif|signature|mac).*externalAccountBinding/i,
    (sight) => ({
      why: `the HMAC key in Secret ${bindingSecret(sight)} is not the one that the CA has for the key ID '${keyId(sight)}'`,
      remedy:
        'Put the right key into the Secret; cert-manager then registers again. It does not retry a refused registration until the Secret or the Issuer changes.',
    }),
  ),
  issuerSays(
    'ca-not-trusted',
    "an ACME server whose own TLS certificate cert-manager doesn't trust",
    /x509:|certificate signed by unknown authority|failed to verify certificate/i,
    (sight, message) => ({
      why: `cert-manager does not trust the TLS certificate of the CA's own server ${server(sight)}`,
      remedy: /expired|not yet valid|is valid for|not valid for any names/i.test(message)
        ? "Give the CA's server a certificate that is valid now and for the name in spec.acme.server, or use a name in spec.acme.server that its certificate contains."
        : "Set spec.acme.caBundle to the root of the server's own certificate. That root differs from the root of the certificates that the CA issues.",
    }),
  ),
  issuerSays(
    'ca-not-reachable',
    'an ACME server that does not answer',
    /no such host|connection refused|i\/o timeout|network is unreachable|no route to host|context deadline exceeded|server misbehaving/i,
    (sight) => ({
      why: `cert-manager cannot reach the CA at ${server(sight)}`,
      remedy:
        "Check the name, the port and the network path from cert-manager's Pods: DNS, proxy, NetworkPolicy, egress rules of the mesh.",
    }),
  ),
  {
    id: 'issuer-not-ready',
    recognises: 'an Issuer that is not Ready for another reason',
    look(sight) {
      const found = complaint(sight);
      if (found === null) return null;
      const isOfAcme = field(sight.issuer, 'spec', 'acme') !== undefined;
      return {
        verdict: `${isOfAcme ? 'The account is not registered' : 'The issuance does not begin'}: ${sight.issuerName} is not Ready (${found.reason}).`,
        evidence: [`${sight.issuerName} says: ${quoted(found.message)}.`],
        remedy: `Fix what ${sight.issuerName} reports. If cert-manager does not retry by itself, it retries when the Issuer changes.`,
      };
    },
  },
];
