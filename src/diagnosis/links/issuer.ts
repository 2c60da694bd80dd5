import { condition, field, list, text, texts } from '../../issuance/recorded-object.ts';
import { certManagerStoppedRule, controlPlane, isPart } from '../control-plane.ts';
import type { Link } from '../link.ts';
import { quoted, type Rule, sentences } from '../rule.ts';
import { type Situation, titleOf } from '../situation.ts';

/** cert-manager looks at a new Issuer within seconds; registering an account may take a CA longer. */
const longestFirstLookMs = 60_000;

/** What cert-manager reports about an Issuer that is not Ready; null if the Issuer is Ready or does not exist. */
function complaint(situation: Situation): { reason: string; message: string } | null {
  if (situation.isIssued) return null;
  const ready = condition(situation.issuer, 'Ready');
  return ready?.status === 'False' ? { reason: ready.reason, message: ready.message } : null;
}

/** A rule that matches the message of an Issuer that is not Ready. */
function issuerSays(
  id: string,
  recognizes: string,
  pattern: RegExp,
  tell: (situation: Situation, message: string) => { why: string; remedy: string },
): Rule {
  return {
    id,
    recognizes,
    look(situation) {
      const found = complaint(situation);
      if (found === null || field(situation.issuer, 'spec', 'acme') === undefined || !pattern.test(found.message))
        return null;
      const { why, remedy } = tell(situation, found.message);
      return {
        verdict: `The account is not registered: ${why}.`,
        evidence: [`${situation.issuerName} is not Ready: ${found.reason}: ${quoted(found.message)}.`],
        remedy,
      };
    },
  };
}

function binding(situation: Situation): unknown {
  return field(situation.issuer, 'spec', 'acme', 'externalAccountBinding');
}

/** A rule that needs external account binding: without it, the same words may be about another Secret. */
function withBinding(rule: Rule): Rule {
  return { ...rule, look: (situation) => (binding(situation) === undefined ? null : rule.look(situation)) };
}

function keyId(situation: Situation): string {
  return text(binding(situation), 'keyID') ?? 'none';
}

function bindingSecret(situation: Situation): string {
  const reference = field(binding(situation), 'keySecretRef');
  return `${text(reference, 'name') ?? 'none'} (key ${text(reference, 'key') ?? 'secret'})`;
}

function server(situation: Situation): string {
  return text(situation.issuer, 'spec', 'acme', 'server') ?? 'no server';
}

/** The field that names a Secret, e.g. `tsigSecretSecretRef`; null where none does. */
function referenceTo(secret: string, object: unknown): string | null {
  if (typeof object !== 'object' || object === null) return null;
  for (const [name, value] of Object.entries(object)) {
    if (text(value, 'name') === secret && /Ref$/.test(name)) return name;
    const below = referenceTo(secret, value);
    if (below !== null) return below;
  }
  return null;
}

/** Where cert-manager looks for what a ClusterIssuer names: by default in its own namespace. */
function clusterResourceNamespace(situation: Situation): string {
  const controller = situation.all('apps', 'Deployment').find((each) => isPart(each, controlPlane.controller));
  const own = text(controller, 'metadata', 'namespace');
  const given = list(controller, 'spec', 'template', 'spec', 'containers')
    .flatMap((container) => texts(container, 'args'))
    .flatMap((argument) => /^--cluster-resource-namespace=([^$]+)$/.exec(argument)?.[1] ?? []);
  return given[0] ?? own ?? 'cert-manager';
}

/** Why there is no ACME account. The Issuer comes before everything else. External account binding: RFC 8555, section 7.3.4. */
const issuerRules: readonly Rule[] = [
  certManagerStoppedRule,
  {
    id: 'issuer-kind-unknown',
    recognizes: 'a Certificate whose issuerRef names a kind or group that the cluster does not have',
    look(situation) {
      if (situation.certificate === null || situation.isIssued || situation.isIssuerOfCertManager) return null;
      const group = text(situation.certificate, 'spec', 'issuerRef', 'group') ?? 'cert-manager.io';
      const kind = situation.issuerKind;
      const isAbsent = situation.input.surroundings?.absentKinds.includes(`${kind}.${group}`) ?? false;
      // cert-manager's own groups have no other issuers.
      if (!isAbsent && !['cert-manager.io', 'acme.cert-manager.io'].includes(group)) return null;
      const meant = situation
        .all('cert-manager.io', kind === 'ClusterIssuer' ? 'ClusterIssuer' : 'Issuer')
        .filter((each) => text(each, 'metadata', 'name') === situation.input.subject.issuer.name)
        // An Issuer serves its own namespace alone.
        .find((each) =>
          [null, situation.input.subject.certificate.namespace].includes(text(each, 'metadata', 'namespace')),
        );
      return {
        verdict: `The issuance does not begin: spec.issuerRef of ${situation.certificateName} names the kind ${kind} in the group ${group}, and the cluster has no such kind${meant === undefined ? '' : `; ${titleOf(meant)} is in the group cert-manager.io`}.`,
        evidence: sentences(
          `spec.issuerRef.group is ${group}, spec.issuerRef.kind is ${kind}.`,
          meant !== undefined && `${titleOf(meant)} exists.`,
          situation.request !== null && `No controller has taken up ${titleOf(situation.request)}.`,
        ),
        remedy:
          group === 'cert-manager.io'
            ? 'Set issuerRef.kind to Issuer or ClusterIssuer.'
            : 'Take issuerRef.group away or set it to cert-manager.io. For an external issuer, install its controller and its CustomResourceDefinitions.',
      };
    },
  },
  {
    id: 'issuer-missing',
    recognizes: 'a Certificate whose issuerRef names no Issuer',
    look(situation) {
      if (situation.certificate === null || situation.issuer !== null || situation.couldNotSee(situation.issuerKind))
        return null;
      if (!situation.isIssuerOfCertManager) return null;
      const { name } = situation.input.subject.issuer;
      const others = ['Issuer', 'ClusterIssuer']
        .flatMap((kind) => situation.all('cert-manager.io', kind))
        .filter((each) => text(each, 'metadata', 'name') === name)
        .map(titleOf);
      return {
        verdict: `The issuance does not begin: ${situation.certificateName} names ${situation.issuerName}, which does not exist.`,
        evidence: sentences(
          `spec.issuerRef of ${situation.certificateName} is ${situation.issuerName}.`,
          `There is no ${situation.issuerName}.`,
          others.length > 0 && `There is ${others.join(', ')}.`,
        ),
        remedy: `Create ${situation.issuerName}, or set issuerRef.name and issuerRef.kind; an Issuer serves only its own namespace, a ClusterIssuer all of them.`,
      };
    },
  },
  issuerSays(
    'eab-required',
    'an account without external account binding at a CA that demands one',
    /externalAccountRequired|externalAccountBinding['"]? field/i,
    (situation) => ({
      why: `the CA at ${server(situation)} demands external account binding, and ${situation.issuerName} has none`,
      remedy: 'Set spec.acme.externalAccountBinding with the key ID and the HMAC key that the CA gave you.',
    }),
  ),
  issuerSays(
    'eab-unknown-key-id',
    'external account binding with a key ID that the CA does not know',
    /(?:'kid'|key id|kid).*not known|unknown.*kid/i,
    (situation) => ({
      why: `the CA at ${server(situation)} does not know the external account key ID '${keyId(situation)}'`,
      remedy:
        'Set spec.acme.externalAccountBinding.keyID to the key ID that this CA issued for this environment (staging or production).',
    }),
  ),
  issuerSays(
    'eab-bad-encoding',
    'an external account key that is not base64url',
    /illegal base64 data/i,
    (situation) => ({
      why: `the external account key in Secret ${bindingSecret(situation)} is not base64url`,
      remedy:
        'Store the HMAC key in the Secret exactly as the CA issued it: base64url without padding, no trailing newline, not encoded twice.',
    }),
  ),
  withBinding(
    issuerSays(
      'eab-secret-missing',
      'external account binding whose Secret does not exist',
      /(?:secret|secrets)\b.*not found|could not get secret|error reading EAB|failed to retrieve.*secret/i,
      (situation) => ({
        why: `the Secret ${bindingSecret(situation)} with the external account key does not exist`,
        remedy:
          situation.issuerKind === 'ClusterIssuer'
            ? "Create it in cert-manager's cluster resource namespace (--cluster-resource-namespace), which defaults to cert-manager's own namespace."
            : `Create it in the namespace of ${situation.issuerName}.`,
      }),
    ),
  ),
  issuerSays(
    'eab-wrong-key',
    'external account binding signed with another HMAC key',
    /JWS verification error|externalAccountBinding.*(?:verif|signature|mac)|(?:verif|signature|mac).*externalAccountBinding/i,
    (situation) => ({
      why: `the HMAC key in Secret ${bindingSecret(situation)} is not the one that the CA has for the key ID '${keyId(situation)}'`,
      remedy:
        'Put the right key into the Secret; cert-manager then registers again. It does not retry a refused registration until the Secret or the Issuer changes.',
    }),
  ),
  issuerSays(
    'ca-not-trusted',
    "an ACME server whose own TLS certificate cert-manager doesn't trust",
    /x509:|certificate signed by unknown authority|failed to verify certificate/i,
    (situation, message) => ({
      why: `cert-manager does not trust the TLS certificate of the CA's own server ${server(situation)}`,
      remedy: /expired|not yet valid|is valid for|not valid for any names/i.test(message)
        ? "Give the CA's server a certificate that is valid now and for the name in spec.acme.server, or use a name in spec.acme.server that its certificate contains."
        : "Set spec.acme.caBundle to the root of the server's own certificate. That root differs from the root of the certificates that the CA issues.",
    }),
  ),
  issuerSays(
    'ca-not-reachable',
    'an ACME server that does not answer',
    /no such host|connection refused|i\/o timeout|network is unreachable|no route to host|context deadline exceeded|server misbehaving/i,
    (situation) => ({
      why: `cert-manager cannot reach the CA at ${server(situation)}`,
      remedy:
        "Check the name, the port and the network path from cert-manager's Pods: DNS, proxy, NetworkPolicy, egress rules of the mesh.",
    }),
  ),
  issuerSays(
    'account-not-valid',
    'an ACME account that the CA has deactivated, revoked or forgotten',
    // The words of the CA alone: cert-manager itself says of Secrets for the account that they are not found.
    /accountDoesNotExist|acme:error:\w+:.*(?:account[^.]*(?:deactivated|revoked|not valid|does not exist|not found)|unable to find[^.]*account)/i,
    (situation) => ({
      why: `the CA at ${server(situation)} does not accept the account of ${situation.issuerName} any more`,
      remedy: `Delete the Secret of privateKeySecretRef (${text(situation.issuer, 'spec', 'acme', 'privateKeySecretRef', 'name') ?? 'none'}); cert-manager then makes a new key and registers a new account. Use disableAccountKeyGeneration only where the key is provided.`,
    }),
  ),
  issuerSays(
    'account-key-unusable',
    'a Secret for the account whose key cert-manager cannot use',
    /account private key is invalid|ACME private key in .* is not of type RSA/i,
    (situation, message) => {
      const name = text(situation.issuer, 'spec', 'acme', 'privateKeySecretRef', 'name') ?? 'none';
      return {
        why: `cert-manager cannot use the account key in Secret ${name} (${quoted(message)})`,
        remedy: `Delete the Secret ${name}; cert-manager then makes a new key and registers an account with it. To use an account of before, put its RSA key into the Secret in PEM (key ${text(situation.issuer, 'spec', 'acme', 'privateKeySecretRef', 'key') ?? 'tls.key'}).`,
      };
    },
  ),
  issuerSays(
    'not-a-directory',
    'an Issuer whose server is not the URL of an ACME directory (RFC 8555, section 7.1.1)',
    /HTTP 40[045] response which is not an RFC 8555 problem|invalid character .* looking for beginning of value|40[45] : 40[45] /i,
    (situation, message) => ({
      why: `${server(situation)} is not the URL of an ACME directory (${quoted(message)})`,
      remedy: `Set spec.acme.server of ${situation.issuerName} to the URL of the CA's directory, to the last character (for Let's Encrypt it ends in /directory).`,
    }),
  ),
  {
    id: 'issuer-secret-missing',
    recognizes: 'an Issuer that names a Secret which does not exist where cert-manager looks for it',
    look(situation) {
      const found = complaint(situation);
      const missing = /secrets? "([^"]+)" not found/i.exec(found?.message ?? '')?.[1];
      if (found === null || missing === undefined) return null;
      const by = referenceTo(missing, field(situation.issuer, 'spec'));
      const isForCluster = situation.issuerKind === 'ClusterIssuer';
      const namespace = isForCluster
        ? clusterResourceNamespace(situation)
        : (text(situation.issuer, 'metadata', 'namespace') ?? situation.input.subject.certificate.namespace);
      return {
        verdict: `The issuance does not begin: ${situation.issuerName} names Secret ${missing}${by === null ? '' : ` (${by})`}, which does not exist in ${isForCluster ? `${namespace}, where cert-manager looks for the Secrets of every ClusterIssuer` : `its namespace ${namespace}`}.`,
        evidence: [`${situation.issuerName} is not Ready: ${found.reason}: ${quoted(found.message)}.`],
        remedy: `${
          by === 'privateKeySecretRef'
            ? `Take disableAccountKeyGeneration away from ${situation.issuerName}, so that cert-manager makes the key of the account, or create`
            : 'Create'
        } Secret ${missing} in the namespace ${namespace}${isForCluster ? ' (--cluster-resource-namespace of cert-manager names another one)' : ''}.`,
      };
    },
  },
  {
    id: 'issuer-not-looked-at',
    recognizes: 'an Issuer that cert-manager has not looked at',
    look(situation) {
      if (situation.isIssued || situation.issuer === null || list(situation.issuer, 'status', 'conditions').length > 0)
        return null;
      if (!(situation.ageOf(situation.issuer) > longestFirstLookMs)) return null;
      return {
        verdict: `The issuance does not begin: cert-manager has not looked at ${situation.issuerName}, which has no status.`,
        evidence: [
          `${situation.issuerName} was created at ${text(situation.issuer, 'metadata', 'creationTimestamp')} and has no condition.`,
        ],
        remedy:
          "Check that cert-manager's controller runs, that it is the leader, and that its --namespace and --controllers include this Issuer.",
        confidence: 'inferred',
      };
    },
  },
  {
    id: 'issuer-not-ready',
    recognizes: 'an Issuer that is not Ready for another reason',
    look(situation) {
      const found = complaint(situation);
      if (found === null) return null;
      const isOfAcme = field(situation.issuer, 'spec', 'acme') !== undefined;
      return {
        verdict: `${isOfAcme ? 'The account is not registered' : 'The issuance does not begin'}: ${situation.issuerName} is not Ready (${found.reason}: ${quoted(found.message)}).`,
        evidence: [`${situation.issuerName} says: ${quoted(found.message)}.`],
        remedy: `Fix what ${situation.issuerName} reports. If cert-manager does not retry by itself, it retries when the Issuer changes.`,
      };
    },
  },
];

/** The account at the CA. */
export const issuerLink: Link = {
  id: 'issuer',
  title: 'Issuer Ready',
  needs: [],
  done: (situation) =>
    condition(situation.issuer, 'Ready')?.status === 'True' ? `${situation.issuerName} is Ready.` : null,
  rules: issuerRules,
};
