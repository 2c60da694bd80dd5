import { cannot, requirementsOf } from './requirement.ts';

/** RFC 8737: tls-alpn-01. */
export const rfc8737 = requirementsOf('RFC 8737', [
  ['3', 'MUST', 'The token has 128 bits of entropy, in base64url.', ['tls-alpn-01-token']],
  ['3', 'MUST', 'The connection goes to port 443.', ['tls-alpn-01-hello']],
  ['3', 'MUST', 'The CA offers only acme-tls/1, with the name as SNI.', ['tls-alpn-01-hello']],
  ['3', 'statement', 'acme-tls/1 is agreed on.', ['tls-alpn-01-no-protocol']],
  [
    '3',
    'statement',
    'The certificate has exactly the name, and the digest in a critical extension.',
    [
      'tls-alpn-01-two-names',
      'tls-alpn-01-another-name',
      'tls-alpn-01-wrong-digest',
      'tls-alpn-01-extension-not-critical',
      'tls-alpn-01-without-extension',
    ],
  ],
  ['3', 'MUST', 'Names are compared without regard to case.', ['tls-alpn-01-name-in-capitals']],
  [
    '4',
    'MUST',
    'At least TLS 1.2 is negotiated.',
    cannot('One port serves all names, and TLS 1.1 cannot be offered to one of them alone.'),
  ],
  ['4', 'MUST NOT', 'Data follows the handshake.', ['tls-alpn-01-without-data']],
  ['4', 'MUST', 'The connection is closed at once.', ['tls-alpn-01-closes']],
]);

/** RFC 8738: IP addresses. */
export const rfc8738 = requirementsOf('RFC 8738', [
  ['3', 'MUST', 'An identifier of type ip is an address as text.', ['ip-identifier']],
  ['5', 'MUST', 'For http-01, the address is the Host.', ['ip-http-01']],
  ['6', 'MUST', 'For tls-alpn-01, the SNI is the name of the reverse mapping.', ['ip-tls-alpn-01']],
  ['6', 'MUST', 'The certificate of tls-alpn-01 has exactly the address.', ['ip-tls-alpn-01']],
  ['7', 'MUST NOT', 'dns-01 validates an address.', ['ip-without-dns-01']],
]);

/** RFC 9773: renewal information. */
export const rfc9773 = requirementsOf('RFC 9773', [
  ['3', 'MUST', 'A server with renewal information names renewalInfo in the directory.', ['renewal-information']],
  ['4.1', 'MUST', 'Renewal information answers a plain GET without authentication.', ['renewal-information']],
  ['4.1', 'statement', 'An unknown certificate is an error.', ['renewal-of-unknown-certificate']],
  ['4.2', 'MUST NOT', 'The window ends before it starts.', ['renewal-window-ends-after-start']],
  [
    '4.2',
    'statement',
    'The window is when the certificate should be renewed.',
    ['renewal-window-is-in-the-validity', 'renewal-of-revoked-certificate'],
  ],
  ['4.3', 'statement', 'Retry-After says when to ask again.', ['renewal-information-has-retry-after']],
  [
    '5',
    'SHOULD',
    'A replaced certificate has the same account, shares a name, and is not replaced already.',
    ['replacement-of-foreign-certificate', 'already-replaced'],
  ],
  ['5', 'SHOULD', 'Otherwise the order is refused.', ['replacement-of-foreign-certificate', 'already-replaced']],
  ['5', 'MUST', 'A second replacement is answered 409 alreadyReplaced.', ['already-replaced']],
  ['5', 'MUST', 'An accepted order shows what it replaces.', ['order-shows-what-it-replaces']],
]);

/** RFC 8659: CAA records. */
export const rfc8659 = requirementsOf('RFC 8659', [
  ['3', 'MUST', 'CAA records are looked up before an issuance, up to the root.', ['caa-forbids', 'caa-of-the-parent']],
  ['3', 'MUST NOT', 'A certificate is issued against the CAA records.', ['caa-forbids', 'caa-of-another-issuer']],
  ['3', 'MUST', 'Each name of a request is permitted.', ['caa-of-one-of-two-names']],
  ['4.1', 'MUST NOT', 'A certificate is issued if a critical property is unknown.', ['caa-critical-property']],
  ['4.1', 'statement', 'Tags are compared without regard to case.', ['caa-tag-in-capitals']],
  ['4.2', 'statement', 'A record that names the CA permits.', ['caa-permits']],
  ['4.2', 'MUST', 'A malformed issue value permits nobody.', ['caa-malformed-issue']],
  ['4.3', 'MUST', 'issuewild replaces issue for a wildcard.', ['caa-wildcard']],
  ['4.3', 'MUST', 'issuewild is ignored for other names.', ['caa-issuewild-for-other-names']],
  ['4.4', 'MAY', 'Violations are reported to iodef.', cannot('Reports go out at the discretion of the CA.')],
  [
    '5.4',
    'SHOULD',
    'CAA records are validated by DNSSEC.',
    cannot('A signature counts only below a parent with a DS record, which a run cannot publish.'),
  ],
]);

/** RFC 8657: CAA for accounts and methods. */
export const rfc8657 = requirementsOf('RFC 8657', [
  [
    '3',
    'MUST',
    'A record with an accounturi permits only that account.',
    ['caa-account-uri', 'caa-own-account-and-method'],
  ],
  ['3', 'MUST', 'An accounturi that is unknown or invalid permits nobody.', ['caa-account-uri']],
  ['3', 'statement', 'Two accounturi in one record permit nobody.', ['caa-two-account-uris']],
  [
    '4',
    'MUST',
    'A record with validationmethods permits only these.',
    ['caa-validation-methods', 'caa-own-account-and-method'],
  ],
  ['4', 'MUST', 'An empty validationmethods permits nobody.', ['caa-empty-validation-methods']],
]);

/** RFC 9444: subdomains. */
export const rfc9444 = requirementsOf('RFC 9444', [
  [
    '4.1',
    'MUST',
    'An authorization that serves for subdomains has subdomainAuthAllowed true.',
    ['ancestor-authorization-says-so', 'authorization-serves-its-name-alone'],
  ],
  [
    '4.2',
    'statement',
    'newAuthz with subdomainAuthAllowed is answered with an authorization that has the field, too.',
    cannot('A server may refuse any pre-authorization, and what it allows is its policy.'),
  ],
  [
    '4.3',
    'statement',
    'The authorization is of the name or of an ancestor up to the ancestorDomain.',
    ['authorization-up-to-the-ancestor', 'foreign-ancestor-domain'],
  ],
  [
    '4.4',
    'statement',
    'The meta of the directory may say that a domain can be authorized for its subdomains.',
    cannot('A server need not say it.'),
  ],
]);

/** What checks judge besides: other RFCs and drafts. */
export const otherDocuments = [
  ...requirementsOf('RFC 1034', [['3.6.2', 'statement', 'An alias is followed to its name.', ['dns-01-alias']]]),
  ...requirementsOf('RFC 2986', [
    ['3', 'statement', 'The signature of a CSR is verified.', ['csr-with-broken-signature']],
  ]),
  ...requirementsOf('RFC 5280', [
    ['4.1.2.2', 'MUST', 'A serial number is positive and has at most 20 octets.', ['leaf-serial']],
    ['4.1.2.5', 'statement', 'A certificate is valid between its dates.', ['leaf-is-valid-now']],
    ['4.2.1.1', 'MUST', 'A certificate names the key of its issuer.', ['leaf-names-its-issuer-key']],
    ['4.2.1.6', 'MUST', 'Without a subject, subjectAltName is critical.', ['leaf-without-subject']],
    ['4.2.1.12', 'statement', 'The usage of the certificate permits a TLS server.', ['leaf-serves-tls']],
    ['7.2', 'statement', 'Names are compared without regard to case.', ['mixed-case-name']],
  ]),
  ...requirementsOf('RFC 9110', [
    ['15.5.5', 'statement', 'What is not there is answered 404.', ['unknown-order', 'unknown-resources']],
  ]),
  ...requirementsOf('draft-ietf-acme-profiles', [
    ['3', 'statement', 'The directory describes the profiles.', ['profiles-are-described']],
    [
      '4',
      'statement',
      'An unknown profile is refused as invalidProfile.',
      ['unknown-profile', 'unknown-profile-is-named'],
    ],
    ['4', 'statement', 'An order shows its profile.', ['order-shows-its-profile']],
  ]),
  ...requirementsOf('draft-ietf-acme-dns-account-label', [
    [
      '3',
      'statement',
      'dns-account-01 validates at the label of the account only.',
      ['dns-account-01-validates', 'dns-account-01-label-of-another-account'],
    ],
  ]),
  ...requirementsOf('draft-ietf-acme-dns-persist', [
    [
      '4',
      'statement',
      'dns-persist-01 validates by a lasting record for the issuer and the account.',
      [
        'dns-persist-01-validates',
        'dns-persist-01-of-another-account',
        'dns-persist-01-of-another-issuer',
        'dns-persist-01-after-its-end',
      ],
    ],
  ]),
];
