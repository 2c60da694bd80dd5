/**
 * What a CA may have or leave out, with what it is. A CA declares which of them it claims; the checks of a feature say in its
 * group that they need it. What every CA must have is no feature.
 */
export const caFeatures = {
  'http-01': 'Validation by http-01 (RFC 8555 section 8.3).',
  'dns-01': 'Validation by dns-01 (RFC 8555 section 8.4).',
  'tls-alpn-01': 'Validation by tls-alpn-01 (RFC 8737).',
  'dns-account-01': 'Validation by dns-account-01 (draft-ietf-acme-dns-account-label).',
  'dns-persist-01': 'Validation by dns-persist-01 (draft-ietf-acme-dns-persist).',
  wildcards: 'Certificates for wildcard names.',
  'ip-identifiers': 'Certificates for IP addresses (RFC 8738).',
  'internationalized-names': 'Certificates for A-labels.',
  'rsa-certificates': 'Certificates for RSA keys.',
  'validity-by-order': 'notBefore and notAfter in an order.',
  'external-accounts': 'External account binding (RFC 8555 section 7.3.4).',
  'account-key-change': 'Key rollover of accounts (RFC 8555 section 7.3.5).',
  'eddsa-account-keys': 'Account keys for EdDSA with Ed25519.',
  'rsa-account-keys': 'Account keys for RS256.',
  'orders-list': 'The list of the orders of an account (RFC 8555 section 7.1.2.1).',
  'pre-authorization': 'newAuthz (RFC 8555 section 7.4.1).',
  'subdomain-authorization': 'Authorizations of a domain for its subdomains (RFC 9444).',
  'alternate-chains': 'Several chains for a certificate (RFC 8555 section 7.4.2).',
  caa: 'CAA records (RFC 8659 and RFC 8657).',
  'renewal-information': 'Renewal information (RFC 9773).',
  profiles: 'Profiles of certificates (draft-ietf-acme-profiles).',
} as const;

export type CaFeature = keyof typeof caFeatures;

export const caFeatureNames = Object.keys(caFeatures) as readonly CaFeature[];
