import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { inWords, succeeded } from '../../client/answer.ts';
import { commonNameOf, endEntityOf, namesOf } from '../../client/certificate-subject.ts';
import { type Issued, sharedIssuance } from '../../client/issuance.ts';
import { serialNumberOf } from '../../client/serial-number.ts';
import { csrOf } from '../../deviations/csr-of-request.ts';
import { type LeafDraft, reissueCertificates } from '../../deviations/reissued-certificate.ts';
import { expectThat, failed, skipped, standard } from '../check.ts';
import { group } from '../group.ts';
import { rsaFinalization, rsaIssuance } from './rsa-issuance.ts';

const bySection74 = { ...standard, rfc: 8555, section: '7.4', level: 'MUST', basis: 'keyword' } as const;

/** A clock may be as much ahead or behind. */
const clockSkewMs = 60_000;

/** RFC 5280 section 4.1.2.2. */
const longestSerialOctets = 20;

async function hasKeyOfCsr(issued: Issued): Promise<boolean> {
  const request = new x509.Pkcs10CertificateRequest(issued.csr);
  const [asked, got] = [request.publicKey, endEntityOf(issued).publicKey].map(({ rawData }) => Buffer.from(rawData));
  return asked !== undefined && got !== undefined && asked.equals(got);
}

/** Null where the certificate has exactly these names, else what is wrong. */
function otherNames(issued: Issued): string | null {
  const leaf = endEntityOf(issued);
  const asked = issued.names.map((name) => name.toLowerCase());
  const got = namesOf(leaf);
  const foreign = got.filter((name) => !asked.includes(name));
  const missing = asked.filter((name) => !got.includes(name));
  const commonName = commonNameOf(leaf)?.toLowerCase();
  const problems = [
    ...(foreign.length > 0 ? [`not asked for: ${foreign.join(', ')}`] : []),
    ...(missing.length > 0 ? [`missing: ${missing.join(', ')}`] : []),
    ...(commonName !== undefined && !asked.includes(commonName) ? [`the common name is ${commonName}`] : []),
  ];
  return problems.length > 0 ? problems.join('; ') : null;
}

const dayMs = 86_400_000;

function withoutExtension({ extensions }: LeafDraft, type: string): readonly x509.Extension[] {
  return extensions.filter((extension) => extension.type !== type);
}

function generalNamesOf({ extensions }: LeafDraft): x509.JsonGeneralNames {
  const names = extensions.find((one): one is x509.SubjectAlternativeNameExtension => one.type === subjectAltName);
  return names?.names.toJSON() ?? [];
}

const subjectAltName = '2.5.29.17';

const authorityKeyIdentifier = '2.5.29.35';

const extendedKeyUsage = '2.5.29.37';

/** Changes the names; the extension stays critical as it was. */
function withNames(leaf: LeafDraft, change: (names: x509.JsonGeneralNames) => x509.JsonGeneralNames): LeafDraft {
  const critical = leaf.extensions.find(({ type }) => type === subjectAltName)?.critical ?? false;
  const extension = new x509.SubjectAlternativeNameExtension(change(generalNamesOf(leaf)), critical);
  return { ...leaf, extensions: [...withoutExtension(leaf, subjectAltName), extension] };
}

export const leafCertificate = group(40, 'The leaf certificate', {
  runs: 'issuance',
  checks: [
    {
      ...bySection74,
      id: 'leaf-has-the-key',
      asserts: 'The certificate is for the key of the CSR.',
      async run(session) {
        const right = await hasKeyOfCsr(await sharedIssuance(session));
        return expectThat(right, right ? 'It is.' : 'It is for another key.');
      },
    },
    {
      ...bySection74,
      id: 'leaf-has-the-names',
      asserts: 'The certificate has the names of the order and no others, in its common name neither.',
      async run(session) {
        const issued = await sharedIssuance(session);
        const problem = otherNames(issued);
        return expectThat(problem === null, problem === null ? `It has ${issued.names.join(', ')}.` : `${problem}.`);
      },
    },
    {
      ...standard,
      id: 'leaf-is-valid-now',
      rfc: 5280,
      section: '4.1.2.5',
      level: 'MUST',
      basis: 'statement',
      asserts: 'The certificate is valid from now or before until some time from now.',
      async run(session) {
        const { notBefore, notAfter } = endEntityOf(await sharedIssuance(session));
        const now = Date.now();
        const right = notBefore.getTime() <= now + clockSkewMs && notAfter.getTime() > now;
        return expectThat(right, `It is valid from ${notBefore.toISOString()} to ${notAfter.toISOString()}.`);
      },
    },
    {
      ...standard,
      id: 'leaf-serial',
      rfc: 5280,
      section: '4.1.2.2',
      level: 'MUST',
      basis: 'keyword',
      asserts: `The serial number is positive and has at most ${longestSerialOctets} octets.`,
      async run(session) {
        const { value, octets } = serialNumberOf(endEntityOf(await sharedIssuance(session)).rawData);
        const isPositive = value > 0n;
        const message = `It is ${value.toString(16)} in hexadecimal, ${octets} octets${isPositive ? '' : ', not positive'}.`;
        return expectThat(isPositive && octets <= longestSerialOctets, message);
      },
    },
    {
      ...standard,
      id: 'leaf-names-its-issuer-key',
      rfc: 5280,
      section: '4.2.1.1',
      level: 'MUST',
      basis: 'keyword',
      asserts: 'The certificate has an authorityKeyIdentifier with a key identifier.',
      async run(session) {
        const extension = endEntityOf(await sharedIssuance(session)).getExtension(x509.AuthorityKeyIdentifierExtension);
        return expectThat(extension?.keyId !== undefined, `The key identifier is ${extension?.keyId ?? 'absent'}.`);
      },
    },
    {
      ...standard,
      id: 'leaf-without-subject',
      rfc: 5280,
      section: '4.2.1.6',
      level: 'MUST',
      basis: 'keyword',
      asserts: 'Where the subject is empty, subjectAltName is critical.',
      async run(session) {
        const leaf = endEntityOf(await sharedIssuance(session));
        if (leaf.subject !== '') return skipped(`the subject is not empty: ${leaf.subject}`);
        const isCritical = leaf.getExtension(x509.SubjectAlternativeNameExtension)?.critical === true;
        return expectThat(isCritical, `The subject is empty, subjectAltName is ${isCritical ? '' : 'not '}critical.`);
      },
    },
    {
      ...standard,
      id: 'leaf-serves-tls',
      rfc: 5280,
      section: '4.2.1.12',
      level: 'SHOULD',
      basis: 'statement',
      asserts: 'Where the certificate limits its purposes, it may authenticate a TLS server and sign.',
      async run(session) {
        const leaf = endEntityOf(await sharedIssuance(session));
        const purposes = leaf.getExtension(x509.ExtendedKeyUsageExtension)?.usages.map(String);
        const usages = leaf.getExtension(x509.KeyUsagesExtension)?.usages;
        const servesTls = purposes === undefined || purposes.includes(x509.ExtendedKeyUsage.serverAuth);
        const signs = usages === undefined || (usages & x509.KeyUsageFlags.digitalSignature) !== 0;
        const seen = `Purposes: ${purposes?.join(', ') ?? 'not limited'}; it may ${signs ? '' : 'not '}sign.`;
        return expectThat(servesTls && signs, seen);
      },
    },
    {
      ...standard,
      id: 'leaf-for-rsa-key',
      rfc: 8555,
      section: '7.4',
      level: 'SHOULD',
      basis: 'statement',
      asserts:
        "A CSR for an RSA key of 2048 bits, cert-manager's default, is taken, and the certificate is for that key.",
      async run(session) {
        const { finalized } = await rsaFinalization(session);
        if (!succeeded(finalized)) return failed(`The CA refused to finalize: ${inWords(finalized)}.`);
        const right = await hasKeyOfCsr(await rsaIssuance(session));
        return expectThat(right, right ? 'It is.' : 'It is for another key.');
      },
    },
    {
      ...bySection74,
      id: 'leaf-with-several-names',
      asserts: 'The certificate of an order with two names has both and no others.',
      async run(session) {
        const issued = await rsaIssuance(session);
        const problem = otherNames(issued);
        return expectThat(problem === null, problem === null ? `It has ${issued.names.join(', ')}.` : `${problem}.`);
      },
    },
  ],
  deviations: [
    {
      name: 'rsa-keys-refused',
      describes: 'A CSR for an RSA key is refused.',
      rfc: 8555,
      section: '7.4',
      breaks: ['leaf-for-rsa-key'],
      async apply(request, forward, conversation) {
        const csr = conversation.isFor(request, 'finalize') ? csrOf(request) : null;
        return csr?.publicKey.algorithm.name.startsWith('RSA') === true
          ? conversation.problem(400, 'badCSR', 'no RSA keys')
          : forward(request);
      },
    },
    {
      name: 'leaf-for-another-key',
      describes: 'Certificates are for another key than that of the CSR.',
      rfc: 8555,
      section: '7.4',
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
      rfc: 8555,
      section: '7.4',
      breaks: ['leaf-has-the-names', 'leaf-with-several-names'],
      apply: reissueCertificates((leaf) =>
        withNames(leaf, (names) => [...names, { type: 'dns', value: 'foreign.example' }]),
      ),
    },
    {
      name: 'leaf-with-first-name-only',
      describes: 'A certificate of several names has only the first.',
      rfc: 8555,
      section: '7.4',
      breaks: ['leaf-with-several-names'],
      apply: reissueCertificates((leaf) => withNames(leaf, (names) => names.slice(0, 1))),
    },
    {
      name: 'leaf-expired',
      describes: 'Certificates have expired when they are issued.',
      rfc: 5280,
      section: '4.1.2.5',
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
      name: 'leaf-serial-too-long',
      describes: 'Serial numbers have 21 octets.',
      rfc: 5280,
      section: '4.1.2.2',
      breaks: ['leaf-serial'],
      apply: reissueCertificates((leaf) => ({
        ...leaf,
        serialNumber: leaf.serialNumber.padStart(40, '0').padStart(42, '1'),
      })),
    },
    {
      name: 'leaf-without-issuer-key-identifier',
      describes: 'Certificates have no authorityKeyIdentifier.',
      rfc: 5280,
      section: '4.2.1.1',
      breaks: ['leaf-names-its-issuer-key'],
      apply: reissueCertificates((leaf) => ({ ...leaf, extensions: withoutExtension(leaf, authorityKeyIdentifier) })),
    },
    {
      name: 'leaf-with-uncritical-names',
      describes: 'Certificates without a subject have a subjectAltName that is not critical.',
      rfc: 5280,
      section: '4.2.1.6',
      breaks: ['leaf-without-subject'],
      apply: reissueCertificates((leaf) => ({
        ...leaf,
        extensions: [
          ...withoutExtension(leaf, subjectAltName),
          new x509.SubjectAlternativeNameExtension(generalNamesOf(leaf), false),
        ],
      })),
    },
    {
      name: 'leaf-for-clients-only',
      describes: 'Certificates may authenticate TLS clients only.',
      rfc: 5280,
      section: '4.2.1.12',
      breaks: ['leaf-serves-tls'],
      apply: reissueCertificates((leaf) => ({
        ...leaf,
        extensions: [
          ...withoutExtension(leaf, extendedKeyUsage),
          new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth]),
        ],
      })),
    },
  ],
});
