import { createHash } from 'node:crypto';
import { dns01Checks } from '../../src/checks/all-checks.ts';
import type { Check } from '../../src/checks/check.ts';
import { challengeWasDelegated } from '../../src/checks/dns-01/challenge-was-delegated.ts';
import { challengesByDns01 } from '../../src/checks/dns-01/challenges-by-dns01.ts';
import { validatedWithoutSelfCheck } from '../../src/checks/dns-01/validated-without-self-check.ts';
import { accountRecovered } from '../../src/checks/issuance/account-recovered.ts';
import { accountRegistered } from '../../src/checks/issuance/account-registered.ts';
import { certificateOfShim } from '../../src/checks/issuance/certificate-of-shim.ts';
import { certificateRenewed } from '../../src/checks/issuance/certificate-renewed.ts';
import { keyRotatedAsAsked } from '../../src/checks/issuance/key-rotated-as-asked.ts';
import { leafIsShortLived } from '../../src/checks/issuance/leaf-is-short-lived.ts';
import { orderCompleted } from '../../src/checks/issuance/order-completed.ts';
import { preferredChainChosen } from '../../src/checks/issuance/preferred-chain-chosen.ts';
import { profileOrdered } from '../../src/checks/issuance/profile-ordered.ts';
import { refusedWithItsReason } from '../../src/checks/issuance/refused-with-its-reason.ts';
import { solverBySelector } from '../../src/checks/issuance/solver-by-selector.ts';
import { offersPostQuantumKeyExchange } from '../../src/checks/serving/offers-post-quantum-key-exchange.ts';
import type { FurtherCaOptions } from '../../src/environment/environment.ts';
import { loseAccountKey } from '../../src/suite/actions/account-key.ts';
import { delegateChallenge } from '../../src/suite/actions/challenge-alias.ts';
import { pointHostAtGateway } from '../../src/suite/actions/host-addresses.ts';
import { renewCertificate, untilRevision } from '../../src/suite/actions/renewal.ts';
import type { ScenarioContext } from '../../src/suite/context/context.ts';
import type { ScenarioNames } from '../../src/suite/context/scenario-names.ts';
import { untilCertificateReady, untilIssuerReady, untilRefused } from '../../src/suite/context/waits.ts';
import type { Scenario } from '../../src/suite/scenario.ts';
import { gatewayAnnotation } from './gateway-annotation.ts';
import { ipAddress } from './ip-address.ts';
import { type IssuanceSteps, issuanceScenario, type Variables } from './issuance-scenario.ts';
import { listenerSet } from './listener-set.ts';

/** As many names as asked for, the host among them. */
function numbered(count: number) {
  return ({ host }: ScenarioNames) =>
    Array.from({ length: count - 1 }, (_, index) => `n${String(index + 2).padStart(3, '0')}.${host}`);
}

function keyScenario(
  keyAlgorithm: 'RSA' | 'ECDSA',
  keySize: number,
  why: string,
  checks: readonly Check[] = [],
): Scenario {
  return issuanceScenario({
    id: `key-${keyAlgorithm.toLowerCase()}-${keySize}`,
    title: `A key of ${keyAlgorithm} ${keySize}, served`,
    why,
    solver: 'http01',
    features: ['key-type'],
    certificate: 'certificate-key.yaml',
    variables: () => ({ keyAlgorithm, keySize: String(keySize) }),
    checks,
  });
}

function rotationScenario(rotationPolicy: 'Always' | 'Never', why: string): Scenario {
  return issuanceScenario({
    id: `rotation-${rotationPolicy.toLowerCase()}`,
    title: `A renewal with rotationPolicy ${rotationPolicy}, served`,
    why,
    solver: 'http01',
    features: ['renewal', 'key-rotation'],
    certificate: 'certificate-rotation.yaml',
    variables: () => ({ rotationPolicy }),
    afterIssuance: (context) => renewCertificate(context),
    checks: [certificateRenewed, keyRotatedAsAsked],
    // A CA that uses the authorization again leaves the second Order without a Challenge.
    without: [orderCompleted],
  });
}

/** A wait of cert-manager in place of its self-check, see issuer-dns01-at-once.yaml. */
const atOnce = {
  issuer: 'issuer-dns01-at-once.yaml',
  settings: { waitInsteadOfSelfCheck: '5s' },
  checks: [validatedWithoutSelfCheck],
  // See docs/upstream: a Challenge may be called expired although it is valid.
  without: [orderCompleted, challengesByDns01],
};
/** For what is refused and stays refused. */
const refusedChecks: readonly Check[] = [accountRegistered, refusedWithItsReason];

/** The steps of a case whose Issuer becomes Ready and whose Certificate is refused. */
async function issueUntilRefused(
  context: ScenarioContext,
  { applyIssuer, applyCertificate }: IssuanceSteps,
): Promise<void> {
  await applyIssuer();
  await untilIssuerReady(context);
  await applyCertificate();
  await untilRefused(context);
}

/** A customer of the further CA, new in each run, with a key of 32 bytes. */
function customerOf({ host }: ScenarioNames) {
  return { keyId: 'padlock-customer', key: createHash('sha256').update(host).digest('base64url') };
}

/** Six days, as in Let's Encrypt's profile of this name. */
const sixDaysInSeconds = 6 * 86_400;

/** A CA that knows one customer and no other account. */
function commercialCa(names: ScenarioNames): FurtherCaOptions {
  const { keyId, key } = customerOf(names);
  return { externalAccounts: { [keyId]: key }, profiles: { shortlived: sixDaysInSeconds } };
}

/** The placeholders of an external account: the right one, except what a case says of it. */
function externalAccount(profile: string, wrong: (right: Variables) => Variables = () => ({})) {
  return ({ parts, subject }: ScenarioContext): Variables => {
    const { keyId, key } = customerOf(parts.names);
    const right: Variables = {
      profile,
      externalAccountKeyId: keyId,
      externalAccountKey: key,
      externalAccountSecret: `${subject.issuer.name}-eab`,
    };
    return { ...right, ...wrong(right) };
  };
}

/** An external account that is refused, and taken once it is right. */
function externalAccountRefused(
  what: string,
  refused: Pick<Scenario, 'title' | 'why'> & {
    readonly says: readonly string[];
    readonly file?: string;
    readonly wrong?: (right: Variables) => Variables;
  },
): Scenario {
  const { title, why, says, file, wrong } = refused;
  return issuanceScenario({
    id: `external-account-${what}`,
    title: `${title}, then repaired`,
    why,
    expectation:
      'The Issuer is not Ready and says why; with the right external account, the same Issuer becomes Ready.',
    expects: { refusal: { by: 'Issuer', says } },
    solver: 'http01',
    features: ['external-account', 'refusal'],
    furtherCa: commercialCa,
    issuer: 'issuer-external-account.yaml',
    variables: externalAccount('default'),
    isServed: false,
    async issue(context, { applyIssuer }) {
      await applyIssuer(file, externalAccount('default', wrong)(context));
      await untilRefused(context);
      await applyIssuer();
      await untilIssuerReady(context);
    },
    checks: refusedChecks,
  });
}

/** Issuance in every shape, served by the ingress gateway: one question each, asked side by side. */
const scenarios: readonly Scenario[] = [
  keyScenario('RSA', 2048, "cert-manager's default key, which every client can use."),
  keyScenario('RSA', 3072, 'What is asked for instead of RSA 2048 from 2031 on (NIST SP 800-57).'),
  keyScenario('RSA', 4096, 'A large key makes a large Secret and slow handshakes; the CA and the proxy must take it.'),
  keyScenario('ECDSA', 256, 'The key that most servers should have today.', [offersPostQuantumKeyExchange]),
  keyScenario(
    'ECDSA',
    384,
    'Envoy takes certificates of P-256, P-384 and P-521 only; an unknown curve ends in no listener.',
  ),
  issuanceScenario({
    id: 'key-ed25519',
    title: 'A key of Ed25519, which the CA refuses',
    why: 'Public CAs do not sign Ed25519 keys (Baseline Requirements 6.1.5), and the refusal must name the cause.',
    expectation: 'The CA refuses the CSR, the Certificate repeats its words, and no Secret has a certificate.',
    expects: { refusal: { by: 'Certificate', says: ['badCSR'] } },
    solver: 'http01',
    features: ['key-type', 'refusal'],
    isServed: false,
    async issue(context, { applyIssuer, applyCertificate }) {
      await applyIssuer();
      await untilIssuerReady(context);
      await applyCertificate('certificate-ed25519.yaml');
      await untilRefused(context);
    },
    checks: refusedChecks,
  }),
  rotationScenario('Always', 'A key that leaked must be of no use after the next renewal.'),
  rotationScenario('Never', 'Pinned keys (DANE, HPKP of apps) need the same key after a renewal.'),
  issuanceScenario({
    id: 'names-2',
    title: 'Two names by HTTP-01, the second one served',
    why: 'Each name has its own authorization and Challenge, and the gateway serves the certificate for each.',
    solver: 'http01',
    features: ['many-names'],
    furtherHosts: numbered(2),
    served: (host) => `n002.${host}`,
  }),
  issuanceScenario({
    id: 'names-25',
    title: '25 names by DNS-01, the last one served',
    why: "The most names of Let's Encrypt's profiles tlsserver and shortlived: 25 Challenges at once.",
    solver: 'dns01',
    ...atOnce,
    features: ['many-names'],
    furtherHosts: numbered(25),
    served: (host) => `n025.${host}`,
  }),
  issuanceScenario({
    id: 'names-100',
    title: '100 names by DNS-01, the last one served',
    why: 'The most names of most CAs; cert-manager works on at most 60 Challenges at once.',
    solver: 'dns01',
    ...atOnce,
    features: ['many-names'],
    furtherHosts: numbered(100),
    served: (host) => `n100.${host}`,
    timeLimitMs: 300_000,
  }),
  issuanceScenario({
    id: 'name-idn',
    title: 'An internationalised name, as its A-label',
    why: 'münchen is xn--mnchen-3ya in certificates and in DNS (RFC 5890): the Ingress, the CA and the SNI must all have that.',
    solver: 'http01',
    features: ['long-names'],
    furtherHosts: ({ host }) => [`xn--mnchen-3ya.${host}`],
    served: (host) => `xn--mnchen-3ya.${host}`,
  }),
  issuanceScenario({
    id: 'name-long',
    title: 'A label of 63 characters in a name of more than 64',
    why: 'A name that is too long for a common name (RFC 5280, ub-common-name) must still be issued, without one.',
    solver: 'http01',
    features: ['long-names'],
    furtherHosts: ({ host }) => [`${'l'.repeat(63)}.${host}`],
    served: (host) => `${'l'.repeat(63)}.${host}`,
  }),
  issuanceScenario({
    id: 'wildcard',
    title: 'A wildcard alone, served for a name below it',
    why: 'The authorization of a wildcard names its base domain (RFC 8555 section 7.1.4).',
    solver: 'dns01',
    ...atOnce,
    features: ['wildcard'],
    certificate: 'certificate-wildcard.yaml',
    gateway: 'gateway-wildcard.yaml',
    furtherHosts: ({ host }) => [`*.${host}`],
    served: (host) => `shop.${host}`,
  }),
  issuanceScenario({
    id: 'wildcard-and-apex',
    title: 'A wildcard with its apex, served for the apex',
    why: 'Both authorizations have their TXT records at the same name, so one must not replace the other.',
    solver: 'dns01',
    ...atOnce,
    features: ['wildcard'],
    furtherHosts: ({ host }) => [`*.${host}`],
  }),
  issuanceScenario({
    id: 'dns01-delegated',
    title: 'DNS-01 delegated by a CNAME (cnameStrategy Follow), served',
    why: 'Where the zone itself takes no updates, a CNAME leads the record of the Challenge to a zone that does.',
    solver: 'dns01',
    features: ['delegated-dns01'],
    issuer: 'issuer-dns01-delegated.yaml',
    settings: atOnce.settings,
    async issue(context, { applyIssuer, applyCertificate }) {
      await delegateChallenge(context);
      await applyIssuer();
      await untilIssuerReady(context);
      await applyCertificate();
      await untilCertificateReady(context);
    },
    checks: [challengeWasDelegated, validatedWithoutSelfCheck],
    without: atOnce.without,
  }),
  issuanceScenario({
    id: 'preferred-chain',
    title: 'preferredChain: the chain to the second root, served',
    why: 'Old clients trust an old root only; the chain must be the alternate one up to the gateway (RFC 8555 section 7.4.2).',
    solver: 'http01',
    features: ['preferred-chain'],
    issuer: 'issuer-preferred-chain.yaml',
    variables: ({ capabilities }) => ({ preferredChain: capabilities.rootNames[1] ?? '' }),
    checks: [preferredChainChosen],
  }),
  issuanceScenario({
    id: 'profile',
    title: "A profile from the CA's directory, served",
    why: 'An order names one of the profiles that the CA advertises (draft-ietf-acme-profiles).',
    solver: 'http01',
    features: ['profile'],
    issuer: 'issuer-profile.yaml',
    variables: ({ capabilities }) => ({ profile: capabilities.profiles[0] ?? '' }),
    async afterIssuance(context) {
      context.acme = { profiles: [...context.capabilities.profiles], revocations: [] };
    },
    checks: [profileOrdered],
  }),
  issuanceScenario({
    id: 'profile-unknown',
    title: 'A profile that the CA does not have',
    why: 'A typing error in the profile must be told with the name of the profile, and not end as an order that waits.',
    expectation: 'The Order errors, the Certificate names the profile, and no Secret has a certificate.',
    expects: { refusal: { by: 'Certificate', says: ['no-such-profile'] } },
    solver: 'http01',
    features: ['profile', 'refusal'],
    issuer: 'issuer-profile.yaml',
    variables: () => ({ profile: 'no-such-profile' }),
    isServed: false,
    issue: issueUntilRefused,
    checks: refusedChecks,
  }),
  issuanceScenario({
    id: 'short-lived',
    title: 'A certificate of six days by a profile, with an external account, served',
    why: 'Certificates of a week at most need no revocation (Baseline Requirements 4.9.1.1); cert-manager must plan the renewal in time.',
    solver: 'http01',
    features: ['external-account', 'short-lived'],
    furtherCa: commercialCa,
    issuer: 'issuer-external-account.yaml',
    variables: externalAccount('shortlived'),
    checks: [leafIsShortLived],
  }),
  issuanceScenario({
    id: 'external-account',
    title: 'The right external account, served',
    why: "Most commercial CAs bind an ACME account to a customer's (RFC 8555 section 7.3.4).",
    solver: 'http01',
    features: ['external-account'],
    furtherCa: commercialCa,
    issuer: 'issuer-external-account.yaml',
    variables: externalAccount('default'),
  }),
  externalAccountRefused('wrong-key', {
    title: 'An external account with another key',
    why: 'A key that was copied wrongly is the most common mistake with a commercial CA.',
    says: ['JWS verification error', 'unauthorized'],
    wrong: () => ({ externalAccountKey: Buffer.from('this is the key of nobody at all').toString('base64url') }),
  }),
  externalAccountRefused('wrong-kid', {
    title: 'An external account with an unknown key identifier',
    why: 'Key identifiers expire and belong to one directory: those of staging are unknown in production.',
    says: ['no-such-customer', 'unauthorized', 'not known'],
    wrong: () => ({ externalAccountKeyId: 'no-such-customer' }),
  }),
  externalAccountRefused('bad-encoding', {
    title: 'An external account whose key is not base64url',
    why: 'CAs print the key in several encodings, and cert-manager takes base64url without padding only.',
    says: ['illegal base64 data'],
    wrong: () => ({ externalAccountKey: 'this is +no/ base64url!' }),
  }),
  externalAccountRefused('absent', {
    title: 'No external account where the CA demands one',
    why: 'The Issuer of another CA, with only its server changed, has none.',
    says: ['externalAccountRequired', 'external account'],
    file: 'issuer-without-external-account.yaml',
  }),
  externalAccountRefused('secret-missing', {
    title: 'An external account whose Secret does not exist',
    why: 'The Secret is often in another namespace than the Issuer.',
    says: ['not found'],
    wrong: ({ externalAccountSecret }) => ({ externalAccountSecret: `${externalAccountSecret}-of-nobody` }),
  }),
  issuanceScenario({
    id: 'cluster-issuer',
    title: 'A ClusterIssuer, served',
    why: 'The account key is in another namespace than the Certificate, and the solver must not be.',
    solver: 'http01',
    features: ['cluster-issuer'],
    isClusterIssuer: true,
    issuer: 'cluster-issuer.yaml',
    certificate: 'certificate-cluster-issuer.yaml',
  }),
  issuanceScenario({
    id: 'selectors',
    title: 'Several solvers with selectors: one name by HTTP-01, one by DNS-01',
    why: 'The selector that fits a name best decides, and not the order in the list.',
    solver: 'dns01',
    features: ['http01', 'ingress-solver', 'solver-selection'],
    issuer: 'issuer-selectors.yaml',
    settings: atOnce.settings,
    furtherHosts: numbered(2),
    async issue(context, { applyIssuer, applyCertificate }) {
      await pointHostAtGateway(context);
      await context.apply('gateway-http.yaml');
      await applyIssuer();
      await untilIssuerReady(context);
      await applyCertificate();
      await untilCertificateReady(context);
    },
    checks: [solverBySelector, validatedWithoutSelfCheck],
    // One of the Challenges is solved by HTTP-01.
    without: [...dns01Checks, orderCompleted],
  }),
  issuanceScenario({
    id: 'selectors-none-fits',
    title: 'Several solvers, none of which is for the name',
    why: 'cert-manager gives the Order no state for it; the only word is an Event.',
    expectation: 'An Event of the Order says that no solver can be used, and no Secret has a certificate.',
    expects: { refusal: { by: 'Event', says: ['no configured challenge solvers'] } },
    solver: 'http01',
    features: ['solver-selection', 'refusal'],
    issuer: 'issuer-selector-of-others.yaml',
    isServed: false,
    issue: issueUntilRefused,
    checks: refusedChecks,
  }),
  issuanceScenario({
    id: 'ingress-annotation',
    title: 'An Ingress with the annotation cert-manager.io/issuer, served',
    why: 'ingress-shim makes the Certificate, and the solver has an Ingress for the same host beside the one that is annotated.',
    solver: 'http01',
    features: ['annotation'],
    gateway: null,
    async issue(context, { applyIssuer }) {
      await applyIssuer();
      await untilIssuerReady(context);
      await context.apply('ingress-annotated.yaml');
      await untilCertificateReady(context);
    },
    checks: [certificateOfShim],
  }),
  gatewayAnnotation,
  listenerSet,
  ipAddress,
  issuanceScenario({
    id: 'account-key-lost',
    title: 'The account key lost after the first issuance, and recovered by a new account',
    why: 'A namespace that was restored without its Secrets must renew, and nobody can ask the CA for the old key.',
    solver: 'http01',
    features: ['account-recovery', 'renewal'],
    async afterIssuance(context) {
      await loseAccountKey(context);
      await renewCertificate(context);
    },
    checks: [accountRecovered, certificateRenewed],
    // A CA that uses the authorization again leaves the second Order without a Challenge.
    without: [orderCompleted],
  }),
  issuanceScenario({
    id: 'name-refused-repaired',
    title: 'A name that the CA refuses, repaired in place',
    why: 'The Certificate must say which name was refused, and a corrected one must be issued at once, not after the hour that cert-manager waits after a failure.',
    expectation:
      'The Order with the wrong name errors; with the name corrected, the same Certificate becomes Ready and is served.',
    expects: { refusal: { by: 'Certificate', says: ['malformed', 'rejectedIdentifier'] } },
    solver: 'http01',
    features: ['refusal'],
    async issue(context, { applyIssuer, applyCertificate }) {
      await applyIssuer();
      await untilIssuerReady(context);
      // An underscore is in no host name (RFC 1123 section 2.1).
      await applyCertificate('certificate.yaml', {
        hosts: JSON.stringify([`under_score.${context.parts.names.host}`]),
      });
      await untilRefused(context);
      await applyCertificate();
      // Until cert-manager begins again, the Certificate still says that the first Order errored.
      await untilRevision(context, 1, context.certificateWithinMs);
    },
    checks: [refusedWithItsReason],
    // The first Order errored.
    without: [orderCompleted],
  }),
];

export default scenarios;
