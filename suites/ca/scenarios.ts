import { certificateRenewed } from '../../src/checks/issuance/certificate-renewed.ts';
import { orderCompleted } from '../../src/checks/issuance/order-completed.ts';
import { preferredChainChosen } from '../../src/checks/issuance/preferred-chain-chosen.ts';
import { profileOrdered } from '../../src/checks/issuance/profile-ordered.ts';
import { revokedOnRequest } from '../../src/checks/issuance/revoked-on-request.ts';
import { validityAsAsked } from '../../src/checks/issuance/validity-as-asked.ts';
import { renewCertificate } from '../../src/suite/actions/renewal.ts';
import { revokeCertificate } from '../../src/suite/actions/revocation.ts';
import type { ScenarioNames } from '../../src/suite/context/scenario-names.ts';
import type { Scenario } from '../../src/suite/scenario.ts';
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
    why: "The basic issuance: each name has its own authorization, and cert-manager's default key is RSA.",
    solver: 'http01',
    issuer: 'issuer.yaml',
    certificate: 'certificate-several-names.yaml',
    furtherHosts: secondName,
    checks: [],
  }),
  caScenario({
    id: 'ca-dns01',
    title: 'DNS-01',
    why: 'The CA must find the TXT records that cert-manager creates with RFC 2136 updates, and cert-manager must remove them.',
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
    title: 'An ECDSA key and the revocation of its certificate',
    why: 'The holder of a certificate key may revoke the certificate (RFC 8555 section 7.6); cert-manager itself never does.',
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
    why: 'The same account orders the same name again: the CA may reuse the authorization, but must issue a new certificate.',
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
    why: 'cert-manager sends only notAfter. The CA must honour it or reject the order (RFC 8555 section 7.4), and must not ignore it.',
    solver: 'http01',
    features: ['duration'],
    issuer: 'issuer-duration.yaml',
    certificate: 'certificate-duration.yaml',
    checks: [validityAsAsked],
  }),
  caScenario({
    id: 'ca-preferred-chain',
    title: 'preferredChain: the chain to the second root',
    why: 'Clients find alternate chains through the Link headers of the certificate (RFC 8555 section 7.4.2).',
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
    why: 'The CA lists its profiles in the directory, and an order names one of them (draft-ietf-acme-profiles).',
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
