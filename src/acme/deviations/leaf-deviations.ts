import { webcrypto } from 'node:crypto';
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import type { Deviation } from './deviation.ts';
import { type LeafDraft, reissueCertificates } from './reissued-certificate.ts';

/** Groups 24 and 40: what is in the leaf certificate. */

const dayMs = 86_400_000;
const hourMs = 3_600_000;

function withoutExtension({ extensions }: LeafDraft, type: string): readonly x509.Extension[] {
  return extensions.filter((extension) => extension.type !== type);
}

function namesOf({ extensions }: LeafDraft): x509.JsonGeneralNames {
  const names = extensions.find((one): one is x509.SubjectAlternativeNameExtension => one.type === subjectAltName);
  return names?.names.toJSON() ?? [];
}

const subjectAltName = '2.5.29.17';
const authorityKeyIdentifier = '2.5.29.35';
const extendedKeyUsage = '2.5.29.37';

/** Changes the names; the extension stays critical as it was. */
function withNames(leaf: LeafDraft, change: (names: x509.JsonGeneralNames) => x509.JsonGeneralNames): LeafDraft {
  const critical = leaf.extensions.find(({ type }) => type === subjectAltName)?.critical ?? false;
  const extension = new x509.SubjectAlternativeNameExtension(change(namesOf(leaf)), critical);
  return { ...leaf, extensions: [...withoutExtension(leaf, subjectAltName), extension] };
}

export const leafDeviations: readonly Deviation[] = [
  {
    name: 'leaf-for-another-key',
    describes: 'Certificates are for another key than that of the CSR.',
    ...{ rfc: 8555, section: '7.4' },
    breaks: ['leaf-has-the-key', 'leaf-for-rsa-key'],
    apply: reissueCertificates(async (leaf) => {
      const algorithm = { name: 'ECDSA', namedCurve: 'P-256' } as const;
      const { publicKey } = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
      return { ...leaf, publicKey };
    }),
  },
  {
    name: 'leaf-with-foreign-name',
    describes: 'Certificates have a name that was not asked for.',
    ...{ rfc: 8555, section: '7.4' },
    breaks: ['leaf-has-the-names', 'leaf-with-several-names'],
    apply: reissueCertificates((leaf) =>
      withNames(leaf, (names) => [...names, { type: 'dns', value: 'foreign.example' }]),
    ),
  },
  {
    name: 'leaf-with-first-name-only',
    describes: 'A certificate of several names has only the first.',
    ...{ rfc: 8555, section: '7.4' },
    breaks: ['leaf-with-several-names'],
    apply: reissueCertificates((leaf) => withNames(leaf, (names) => names.slice(0, 1))),
  },
  {
    name: 'leaf-expired',
    describes: 'Certificates have expired when they are issued.',
    ...{ rfc: 5280, section: '4.1.2.5' },
    breaks: [
      'leaf-is-valid-now',
      'renewal-window-is-in-the-validity',
      'not-after-is-honoured',
      'both-dates-are-honoured',
    ],
    apply: reissueCertificates((leaf) => ({
      ...leaf,
      notBefore: new Date(Date.now() - 2 * dayMs),
      notAfter: new Date(Date.now() - dayMs),
    })),
  },
  {
    name: 'requested-dates-ignored',
    describes: 'Certificates end an hour later than was asked for.',
    ...{ rfc: 8555, section: '7.4' },
    breaks: ['not-after-is-honoured', 'both-dates-are-honoured'],
    apply: reissueCertificates((leaf) => ({ ...leaf, notAfter: new Date(leaf.notAfter.getTime() + hourMs) })),
  },
  {
    name: 'leaf-serial-too-long',
    describes: 'Serial numbers have 21 octets.',
    ...{ rfc: 5280, section: '4.1.2.2' },
    breaks: ['leaf-serial'],
    apply: reissueCertificates((leaf) => ({
      ...leaf,
      serialNumber: leaf.serialNumber.padStart(40, '0').padStart(42, '1'),
    })),
  },
  {
    name: 'leaf-without-issuer-key-identifier',
    describes: 'Certificates have no authorityKeyIdentifier.',
    ...{ rfc: 5280, section: '4.2.1.1' },
    breaks: ['leaf-names-its-issuer-key'],
    apply: reissueCertificates((leaf) => ({ ...leaf, extensions: withoutExtension(leaf, authorityKeyIdentifier) })),
  },
  {
    name: 'leaf-with-uncritical-names',
    describes: 'Certificates without a subject have a subjectAltName that is not critical.',
    ...{ rfc: 5280, section: '4.2.1.6' },
    breaks: ['leaf-without-subject'],
    apply: reissueCertificates((leaf) => ({
      ...leaf,
      extensions: [
        ...withoutExtension(leaf, subjectAltName),
        new x509.SubjectAlternativeNameExtension(namesOf(leaf), false),
      ],
    })),
  },
  {
    name: 'leaf-for-clients-only',
    describes: 'Certificates may authenticate TLS clients only.',
    ...{ rfc: 5280, section: '4.2.1.12' },
    breaks: ['leaf-serves-tls'],
    apply: reissueCertificates((leaf) => ({
      ...leaf,
      extensions: [
        ...withoutExtension(leaf, extendedKeyUsage),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth]),
      ],
    })),
  },
  {
    name: 'chain-too-long',
    describes: 'A chain has six certificates.',
    ...{ rfc: 8555, section: '7.4.2' },
    breaks: ['chain-is-short-enough'],
    apply: reissueCertificates((leaf) => leaf, 5),
  },
];
