import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { inWords, succeeded } from '../../client/answer.ts';
import { commonNameOf, endEntityOf, namesOf } from '../../client/certificate-subject.ts';
import { type Issued, sharedIssuance } from '../../client/issuance.ts';
import { serialNumberOf } from '../../client/serial-number.ts';
import { csrOf } from '../../deviations/csr-of-request.ts';
import { type LeafDraft, reissueCertificates } from '../../deviations/reissued-certificate.ts';
import { expectThat, skipped, standard } from '../check.ts';
import { group } from '../group.ts';
import { rsaFinalization, rsaIssuance } from './rsa-issuance.ts';

const bySection74 = { ...standard, rfc: 8555, section: '7.4', level: 'MUST', basis: 'keyword' } as const;

/** How far the clocks may differ. */
const clockSkewMs = 60_000;

/** RFC 5280 section 4.1.2.2. */
const longestSerialOctets = 20;

async function hasKeyOfCsr(issued: Issued): Promise<boolean> {
  const request = new x509.Pkcs10CertificateRequest(issued.csr);
  const [asked, got] = [request.publicKey, endEntityOf(issued).publicKey].map(({ rawData }) => Buffer.from(rawData));
  return asked !== undefined && got !== undefined && asked.equals(got);
}

/** What is wrong with the names of the certificate; null if it has exactly those of the order. */
function otherNames(issued: Issued): string | null {
  const leaf = endEntityOf(issued);
  const asked = issued.names.map((name) => name.toLowerCase());
  const got = namesOf(leaf);
  const foreign = got.filter((name) => !asked.includes(name));
  const missing = asked.filter((name) => !got.includes(name));
  const commonName = commonNameOf(leaf)?.toLowerCase();
  const problems = [
    ...(foreign.length > 0 ? [`names not ordered: ${foreign.join(', ')}`] : []),
    ...(missing.length > 0 ? [`ordered names missing: ${missing.join(', ')}`] : []),
    ...(commonName !== undefined && !asked.includes(commonName) ? [`the common name ${commonName}`] : []),
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

/** Changes the names and keeps the extension's criticality. */
function withNames(leaf: LeafDraft, change: (names: x509.JsonGeneralNames) => x509.JsonGeneralNames): LeafDraft {
  const critical = leaf.extensions.find(({ type }) => type === subjectAltName)?.critical ?? false;
  const extension = new x509.SubjectAlternativeNameExtension(change(generalNamesOf(leaf)), critical);
  return { ...leaf, extensions: [...withoutExtension(leaf, subjectAltName), extension] };
}

export const leafCertificate = group(40, 'The leaf certificate', {
  runs: 'issuance',
  checks: [
    // RFC 8555 section 7.4: The certificate is the one that the CSR asks for.
    {
      ...bySection74,
      id: 'leaf-has-the-key',
      asserts: 'The certificate has the key of the CSR.',
      async run(session) {
        const right = await hasKeyOfCsr(await sharedIssuance(session));
        return expectThat(right, `The certificate has ${right ? 'the key of the CSR' : 'another key than the CSR'}.`);
      },
    },
    // RFC 8555 section 7.4: The certificate is the one that order and CSR ask for.
    {
      ...bySection74,
      id: 'leaf-has-the-names',
      asserts: 'The certificate has exactly the names of the order, also in its common name.',
      async run(session) {
        const issued = await sharedIssuance(session);
        const problem = otherNames(issued);
        return expectThat(problem === null, `The certificate has ${problem ?? `exactly ${issued.names.join(', ')}`}.`);
      },
    },
    // RFC 5280 section 4.1.2.5: The validity is the time in which the CA vouches for the certificate.
    {
      ...standard,
      id: 'leaf-is-valid-now',
      rfc: 5280,
      section: '4.1.2.5',
      level: 'MUST',
      basis: 'statement',
      asserts: 'The certificate is valid now.',
      async run(session) {
        const { notBefore, notAfter } = endEntityOf(await sharedIssuance(session));
        // A certificate of a CA whose clock is wrong is another matter: the report says by how much it is.
        const isValidAt = (now: number) => notBefore.getTime() <= now + clockSkewMs && notAfter.getTime() > now;
        const right = isValidAt(Date.now()) || isValidAt(session.now());
        return expectThat(
          right,
          `The certificate is valid from ${notBefore.toISOString()} to ${notAfter.toISOString()}.`,
        );
      },
    },
    // RFC 5280 section 4.1.2.2: A serial number is a positive integer of at most 20 octets.
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
        const message = `The serial number is ${value.toString(16)} in hexadecimal, ${octets} octets${isPositive ? '' : ', not positive'}.`;
        return expectThat(isPositive && octets <= longestSerialOctets, message);
      },
    },
    // RFC 5280 section 4.2.1.1: The certificate names the key of its issuer, so that clients can build the path.
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
    // RFC 5280 section 4.2.1.6: With an empty subject, the names are only in subjectAltName, which is then critical.
    {
      ...standard,
      id: 'leaf-without-subject',
      rfc: 5280,
      section: '4.2.1.6',
      level: 'MUST',
      basis: 'keyword',
      asserts: 'If the subject is empty, subjectAltName is critical.',
      async run(session) {
        const leaf = endEntityOf(await sharedIssuance(session));
        if (leaf.subject !== '') return skipped(`the subject is not empty: ${leaf.subject}`);
        const isCritical = leaf.getExtension(x509.SubjectAlternativeNameExtension)?.critical === true;
        return expectThat(
          isCritical,
          `The subject is empty, and subjectAltName is ${isCritical ? '' : 'not '}critical.`,
        );
      },
    },
    // RFC 5280 section 4.2.1.12: Usage extensions limit what the key is for.
    {
      ...standard,
      id: 'leaf-serves-tls',
      rfc: 5280,
      section: '4.2.1.12',
      level: 'SHOULD',
      basis: 'statement',
      asserts: 'If the certificate limits its usage, it permits TLS server authentication and signatures.',
      async run(session) {
        const leaf = endEntityOf(await sharedIssuance(session));
        const purposes = leaf.getExtension(x509.ExtendedKeyUsageExtension)?.usages.map(String);
        const usages = leaf.getExtension(x509.KeyUsagesExtension)?.usages;
        const servesTls = purposes === undefined || purposes.includes(x509.ExtendedKeyUsage.serverAuth);
        const signs = usages === undefined || (usages & x509.KeyUsageFlags.digitalSignature) !== 0;
        const seen = `Extended key usage is ${purposes?.join(', ') ?? 'not limited'}; key usage ${signs ? 'permits' : 'forbids'} signatures.`;
        return expectThat(servesTls && signs, seen);
      },
    },
    // RFC 8555 section 7.4: The certificate is the one that the CSR asks for, here with the key type that cert-manager
    // uses by default.
    {
      ...standard,
      id: 'leaf-for-rsa-key',
      feature: 'rsa-certificates',
      rfc: 8555,
      section: '7.4',
      level: 'SHOULD',
      basis: 'statement',
      asserts: 'The CA accepts a CSR for an RSA key of 2048 bits, and certifies that key.',
      async run(session) {
        const { finalized } = await rsaFinalization(session);
        if (!succeeded(finalized))
          return expectThat(false, `The CA refused the CSR: ${inWords(finalized)}.`, finalized);
        const right = await hasKeyOfCsr(await rsaIssuance(session));
        return expectThat(right, `The certificate has ${right ? 'the key of the CSR' : 'another key than the CSR'}.`);
      },
    },
    // RFC 8555 section 7.4: The certificate has every name of the order.
    {
      ...bySection74,
      id: 'leaf-with-several-names',
      asserts: 'The certificate of an order with two names has exactly these two.',
      async run(session) {
        const issued = await rsaIssuance(session);
        const problem = otherNames(issued);
        return expectThat(problem === null, `The certificate has ${problem ?? `exactly ${issued.names.join(', ')}`}.`);
      },
    },
  ],
  deviations: [
    {
      name: 'leaf-for-another-key',
      describes: 'Certificates have another key than that of the CSR.',
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
      describes: 'Certificates have a name that was not requested.',
      rfc: 8555,
      section: '7.4',
      breaks: ['leaf-has-the-names', 'leaf-with-several-names'],
      apply: reissueCertificates((leaf) =>
        withNames(leaf, (names) => [...names, { type: 'dns', value: 'foreign.example' }]),
      ),
    },
    {
      name: 'leaf-expired',
      describes: 'Certificates are already expired when issued.',
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
      describes: 'Certificates permit TLS client authentication only.',
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
      name: 'leaf-with-first-name-only',
      describes: 'A certificate for several names has only the first.',
      rfc: 8555,
      section: '7.4',
      breaks: ['leaf-with-several-names'],
      apply: reissueCertificates((leaf) => withNames(leaf, (names) => names.slice(0, 1))),
    },
  ],
});
