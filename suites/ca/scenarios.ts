import { certificateRenewed } from '../../src/checks/issuance/certificate-renewed.ts';
import { orderCompleted } from '../../src/checks/issuance/order-completed.ts';
import { preferredChainChosen } from '../../src/checks/issuance/preferred-chain-chosen.ts';
import { profileOrdered } from '../../src/checks/issuance/profile-ordered.ts';
import { revokedOnRequest } from '../../src/checks/issuance/revoked-on-request.ts';
import { validityAsAsked } from '../../src/checks/issuance/validity-as-asked.ts';
import { renewCertificate } from '../../src/suite/renewal.ts';
import { revokeCertificate } from '../../src/suite/revocation.ts';
import type { Scenario } from '../../src/suite/scenario.ts';
import type { ScenarioNames } from '../../src/suite/scenario-names.ts';
import { caScenario } from './ca-scenario.ts';

const secondName = ({ host }: ScenarioNames) => [`second-${host}`];
/**
 * Issuance through cert-manager by the CA of the environment: one question each, asked side by side.
 *
 * One name for each DNS-01 scenario: cert-manager's self-check sleeps for 60 s in one of its five workers for Challenges, and the
 * scenarios of HTTP-01 need the others.
 */
const scenarios: readonly Scenario[] = [
  caScenario({
    id: 'ca-http01',
    title: 'HTTP-01, two names, RSA',
    why: "The plainest issuance: each name has an authorization of its own and cert-manager's default key is RSA.",
    solver: 'http01',
    issuer: 'issuer.yaml',
    certificate: 'certificate-several-names.yaml',
    furtherHosts: secondName,
    checks: [],
  }),
  caScenario({
    id: 'ca-dns01',
    title: 'DNS-01',
    why: 'The CA must find the TXT records that cert-manager sets by RFC 2136, and they must go again.',
    solver: 'dns01',
    issuer: 'issuer-dns01.yaml',
    certificate: 'certificate.yaml',
    checks: [],
  }),
  caScenario({
    id: 'ca-wildcard',
    title: 'DNS-01 for a wildcard',
    why: 'The authorization of a wildcard names its base domain (RFC 8555 section 7.1.4), and so must the TXT record.',
    solver: 'dns01',
    features: ['wildcard'],
    issuer: 'issuer-dns01.yaml',
    certificate: 'certificate-wildcard.yaml',
    furtherHosts: ({ host }) => [`*.${host}`],
    checks: [],
  }),
  caScenario({
    id: 'ca-ecdsa-revocation',
    title: 'An ECDSA key, and the revocation of its certificate',
    why: 'Who has the key of a certificate may have it revoked (RFC 8555 section 7.6), which cert-manager itself never asks for.',
    solver: 'http01',
    features: ['revocation'],
    issuer: 'issuer.yaml',
    certificate: 'certificate-ecdsa.yaml',
    afterIssuance: revokeCertificate,
    checks: [revokedOnRequest],
  }),
  caScenario({
    id: 'ca-renewal',
    title: 'Renewal on request',
    why: 'The same account orders the same name again: a CA may then use the authorization again, and must issue a new certificate.',
    solver: 'http01',
    features: ['renewal'],
    issuer: 'issuer.yaml',
    certificate: 'certificate.yaml',
    afterIssuance: renewCertificate,
    checks: [certificateRenewed],
    // A CA that uses the authorization again leaves the second Order without a Challenge.
    without: [orderCompleted],
  }),
  caScenario({
    id: 'ca-duration',
    title: 'A duration of 48 hours, ECDSA P-384',
    why: 'cert-manager sends notAfter alone; a CA honours it or refuses the order (RFC 8555 section 7.4), and must not ignore it.',
    solver: 'http01',
    features: ['duration'],
    issuer: 'issuer-duration.yaml',
    certificate: 'certificate-duration.yaml',
    checks: [validityAsAsked],
  }),
  caScenario({
    id: 'ca-preferred-chain',
    title: 'preferredChain: the chain to the second root',
    why: 'Alternate chains are found by the Link headers of the certificate (RFC 8555 section 7.4.2).',
    solver: 'http01',
    features: ['preferred-chain'],
    issuer: 'issuer-preferred-chain.yaml',
    certificate: 'certificate.yaml',
    variables: ({ capabilities }) => ({ preferredChain: capabilities.rootNames[1] ?? '' }),
    checks: [preferredChainChosen],
  }),
  caScenario({
    id: 'ca-profile',
    title: 'An order with a profile',
    why: 'A CA says in its directory which profiles it has, and an order names one of them (draft-ietf-acme-profiles).',
    solver: 'http01',
    features: ['profile'],
    issuer: 'issuer-profile.yaml',
    certificate: 'certificate.yaml',
    variables: ({ capabilities }) => ({ profile: capabilities.profiles[0] ?? '' }),
    afterIssuance: async (context) => {
      context.acme = { profiles: [...context.capabilities.profiles], revocations: [] };
    },
    checks: [profileOrdered],
  }),
];

export default scenarios;
