import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { certificateFacts, certificatesInPem, dnsNamesOf } from './certificate-facts.ts';
import { issuedCertificate } from './issued-certificate-fixture.ts';

describe('certificateFacts', () => {
  test('reads DER, PEM and PEM in a buffer alike', async () => {
    const { pem, der, spki } = await issuedCertificate({ names: [{ type: 'dns', value: 'a.example.test' }] });
    const facts = certificateFacts(der);
    expect(facts).toEqual({
      subject: '',
      issuer: 'C=GB, CN=Pebble Intermediate CA',
      serialNumber: 'ab01',
      notBefore: '2026-11-24T08:00:00.000Z',
      notAfter: '2027-02-22T07:59:59.000Z',
      dnsNames: ['a.example.test'],
      fingerprintSha256: createHash('sha256').update(der).digest('hex'),
      publicKeySha256: createHash('sha256').update(spki).digest('hex'),
      pem: facts.pem,
    });
    expect(facts.pem.replaceAll('\n', '')).toBe(pem.replaceAll('\n', ''));
    expect(certificateFacts(pem)).toEqual(facts);
    expect(certificateFacts(Buffer.from(pem))).toEqual(facts);
  });

  test('takes only dNSName entries for DNS names, in their order', async () => {
    const { der } = await issuedCertificate({
      names: [
        { type: 'ip', value: '10.0.0.1' },
        { type: 'dns', value: '*.b.example.test' },
        { type: 'url', value: 'spiffe://cluster.local/ns/a/sa/b' },
        { type: 'email', value: 'ops@example.test' },
        { type: 'dns', value: 'a.example.test' },
      ],
    });
    expect(certificateFacts(der).dnsNames).toEqual(['*.b.example.test', 'a.example.test']);
  });

  test('does not split one name into two', async () => {
    const { der } = await issuedCertificate({
      names: [
        { type: 'dns', value: 'a.example.test, DNS:b.example.test' },
        { type: 'url', value: 'http://x/, DNS:c.example.test' },
        { type: 'dns', value: 'quo"ted\\.example.test' },
      ],
    });
    expect(certificateFacts(der).dnsNames).toEqual(['a.example.test, DNS:b.example.test', 'quo"ted\\.example.test']);
  });

  test('has no DNS names without a subject alternative name, whatever the common name', async () => {
    const { der } = await issuedCertificate({ subject: 'CN=a.example.test' });
    expect(certificateFacts(der)).toMatchObject({ subject: 'CN=a.example.test', dnsNames: [] });
  });

  test('says in one sentence what cannot be parsed', () => {
    expect(() => certificateFacts('nothing')).toThrow(/^This is not an X\.509 certificate in DER or PEM: .+\.$/);
  });
});

describe('dnsNamesOf', () => {
  test('reads what Node prints of a directory name with quoted parts', () => {
    expect(dnsNamesOf('DirName:"CN=\\"x, DNS:evil\\"", DNS:a.example.test')).toEqual(['a.example.test']);
    expect(dnsNamesOf('')).toEqual([]);
  });
});

describe('certificatesInPem', () => {
  test('splits a chain and leaves out text and keys', async () => {
    const [one, two] = [await issuedCertificate({}), await issuedCertificate({})];
    const key = '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n';
    expect(certificatesInPem(`# leaf\r\n${one.pem}\n${key}\n${two.pem}\n`)).toEqual([one.pem.trim(), two.pem.trim()]);
    expect(certificatesInPem('')).toEqual([]);
  });
});
