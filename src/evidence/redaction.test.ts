import { createHash, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { certificateFacts } from './certificate-facts.ts';
import { issuedCertificate } from './issued-certificate-fixture.ts';
import { lineScrubber, redactObject, scrubText } from './redaction.ts';
import { secretFactsSchema } from './secret-facts.ts';

const base64 = (text: string) => Buffer.from(text).toString('base64');
const pemKey = (kind: string) =>
  `-----BEGIN ${kind}PRIVATE KEY-----\nCANARY+/=\nCANARY\n-----END ${kind}PRIVATE KEY-----`;
const jwt = `eyJhbGciOiJSUzI1NiJ9.${Buffer.from('{"sub":"CANARY"}').toString('base64url')}.CANARY-signature_`;

function pod(overrides: Record<string, unknown> = {}) {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', namespace: 'n', uid: 'u' }, ...overrides };
}

describe('scrubText', () => {
  it.each(['', 'RSA ', 'EC ', 'ENCRYPTED ', 'OPENSSH '])('hides a PEM block %sPRIVATE KEY', (kind) => {
    expect(scrubText(`before ${pemKey(kind)} after`)).toBe('before [redacted] after');
  });

  it('hides keys that are escaped, cut off or in base64', () => {
    expect(scrubText(JSON.stringify({ key: pemKey('RSA ') }))).toBe('{"key":"[redacted]"}');
    expect(scrubText('x -----BEGIN PRIVATE KEY-----\nCANARY')).toBe('x [redacted]');
    expect(scrubText(`tls.key: ${base64(pemKey(''))} after`)).toBe('tls.key: [redacted] after');
    expect(scrubText(`${pemKey('')}\nbetween\n${pemKey('EC ')}`)).toBe('[redacted]\nbetween\n[redacted]');
  });

  it('hides bearer tokens and JSON Web Tokens', () => {
    expect(scrubText('Authorization: Bearer CANARY.a_b~+/==')).toBe('Authorization: Bearer [redacted]');
    expect(scrubText('authorization: bearer CANARY')).toBe('authorization: bearer [redacted]');
    expect(scrubText(`token=${jwt}; rest`)).toBe('token=[redacted]; rest');
    expect(scrubText(`"${jwt.slice(0, jwt.lastIndexOf('.'))}"`)).toBe('"[redacted]"');
    expect(scrubText(`${jwt}.CANARY.CANARY`)).toBe('[redacted]');
  });

  it('leaves alone what is public', () => {
    const certificate = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----';
    for (const text of [
      certificate,
      base64(certificate),
      base64('-----BEGIN CERTIFICATE REQUEST-----\nMIIB\n-----END CERTIFICATE REQUEST-----'),
      'LoqXcYV8q5ONbJQxbmR7SCTNo3tiAXDfowyjxAjEuX0.9jg46WB3rR_AHD-EBXdN7cBkH1WOu0tA3M9fm21mqTI',
      '/.well-known/acme-challenge/eyJsLoqXcYV8q5ONbJQxbmR7SCTNo3tiAXDfowyjxAj',
      'The forbearer of all',
    ]) {
      expect(scrubText(text)).toBe(text);
    }
  });
});

describe('lineScrubber', () => {
  it('hides a key over several lines and nothing after it', () => {
    const scrub = lineScrubber();
    const lines = `first\nkey: ${pemKey('RSA ')} tail\nlast ${pemKey('').replaceAll('\n', '')} end`.split('\n');
    expect(lines.map(scrub)).toEqual([
      'first',
      'key: [redacted]',
      '[redacted]',
      '[redacted]',
      '[redacted] tail',
      'last [redacted] end',
    ]);
  });
});

describe('redactObject', () => {
  it('removes field managers and the copy of the manifest, and keeps the rest', () => {
    const object = pod({
      metadata: {
        name: 'p',
        namespace: 'n',
        uid: 'u',
        managedFields: [{ manager: 'CANARY' }],
        annotations: { 'kubectl.kubernetes.io/last-applied-configuration': 'CANARY', kept: 'yes' },
      },
      status: { phase: 'Running', ready: true, restarts: 0, nothing: null },
    });
    const before = structuredClone(object);
    expect(redactObject(object)).toEqual({
      ...object,
      metadata: { name: 'p', namespace: 'n', uid: 'u', annotations: { kept: 'yes' } },
    });
    expect(object).toEqual(before);
  });

  it('hides literal environment variables by name, and references stay', () => {
    const env = [
      { name: 'EAB_HMAC', value: 'CANARY' },
      { name: 'aws_secret_access', value: 'CANARY' },
      { name: 'ApiToken', value: 'CANARY' },
      { name: 'DB_PASSWORD', value: 'CANARY' },
      { name: 'SSH_KEY', value: 'CANARY' },
      { name: 'PLAIN', value: 'seen' },
      { name: 'TOKEN_REF', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } },
    ];
    const deployment = {
      ...pod(),
      spec: { template: { spec: { containers: [{ env }], initContainers: [{ env }] } } },
    };
    const text = JSON.stringify(redactObject(deployment));
    expect(text).not.toContain('CANARY');
    expect(text.match(/\[redacted\]/g)).toHaveLength(10);
    expect(text).toContain('{"name":"PLAIN","value":"seen"}');
    expect(text).toContain('"secretKeyRef":{"name":"s","key":"k"}');
  });

  it('finds canaries everywhere in an object', () => {
    const planted = ['a', `x ${pemKey('')}`, `Bearer CANARY`, jwt, base64(pemKey('EC '))];
    const object = pod({
      metadata: { name: 'p', labels: { l: jwt }, annotations: { a: pemKey('RSA ') }, ownerReferences: planted },
      spec: { nested: [{ deep: [planted, { [jwt]: 1 }] }], args: planted },
      status: { message: `failed: ${pemKey('')}`, conditions: planted.map((message) => ({ message })) },
      message: planted[1],
      data: { 'k.pem': pemKey('') },
    });
    const text = JSON.stringify(redactObject(object));
    expect(text).not.toContain('CANARY');
    expect(text).not.toContain(base64('CANARY').slice(0, 6));
    expect(text).not.toContain('eyJ');
  });
});

describe('redactObject of a Secret', () => {
  it('keeps what is public of a TLS Secret and nothing else', async () => {
    const [leaf, intermediate] = [await issuedCertificate(), await issuedCertificate()];
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const key = privateKey.export({ type: 'pkcs1', format: 'pem' }).toString();
    const secret = {
      apiVersion: 'v1',
      kind: 'Secret',
      type: 'kubernetes.io/tls',
      metadata: {
        name: 's',
        namespace: 'n',
        uid: 'u',
        managedFields: ['CANARY'],
        labels: { 'controller.cert-manager.io/fao': 'true' },
        annotations: {
          'cert-manager.io/alt-names': 'a.example.test',
          'kubectl.kubernetes.io/last-applied-configuration': 'CANARY',
          'another.example/copy': 'CANARY',
        },
      },
      immutable: true,
      data: {
        'tls.crt': base64(`${leaf.pem}\n${intermediate.pem}\n`),
        'tls.key': base64(key),
        other: base64('CANARY'),
      },
      stringData: { password: 'CANARY' },
      CANARY: 'CANARY',
    };
    const result = redactObject(secret);
    const publicHalf = createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
    const { padlock, ...rest } = result;
    expect(rest).toEqual({
      apiVersion: 'v1',
      kind: 'Secret',
      type: 'kubernetes.io/tls',
      metadata: {
        name: 's',
        namespace: 'n',
        uid: 'u',
        labels: { 'controller.cert-manager.io/fao': 'true' },
        annotations: { 'cert-manager.io/alt-names': 'a.example.test', 'another.example/copy': '[redacted]' },
      },
    });
    const facts = secretFactsSchema.parse(padlock);
    expect(facts.certificates).toEqual([certificateFacts(leaf.der), certificateFacts(intermediate.der)]);
    expect(facts.privateKeyPublicSha256).toBe(createHash('sha256').update(publicHalf).digest('hex'));
    expect(facts.dataKeys).toEqual(['other', 'tls.crt', 'tls.key']);
    const text = JSON.stringify(result);
    for (const piece of ['CANARY', base64('CANARY'), 'PRIVATE KEY', key.slice(40, 100), base64(key).slice(60, 120)]) {
      expect(text).not.toContain(piece);
    }
    expect(redactObject(result)).toEqual(result);
  });

  it('does not take a Secret with data for one that was redacted before', () => {
    const facts = { certificates: [], privateKeyPublicSha256: null, dataKeys: ['CANARY'] };
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' }, padlock: facts };
    expect(redactObject({ ...secret, data: { a: '' } }).padlock).toMatchObject({ dataKeys: ['a'] });
    expect(redactObject({ ...secret, padlock: { ...facts, more: 'CANARY' } }).padlock).toMatchObject({ dataKeys: [] });
  });

  it('says nothing of the contents of an Opaque Secret, and survives what is broken', () => {
    const secret = (data: unknown) => ({
      apiVersion: 'v1',
      kind: 'Secret',
      type: 'Opaque',
      metadata: { name: 's' },
      data,
    });
    expect(redactObject(secret({ hmac: base64('CANARY') })).padlock).toEqual({
      certificates: [],
      privateKeyPublicSha256: null,
      dataKeys: ['hmac'],
    });
    const broken = {
      'tls.crt': base64('-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----'),
      'tls.key': '!',
    };
    expect(redactObject(secret(broken)).padlock).toEqual({
      certificates: [],
      privateKeyPublicSha256: null,
      dataKeys: ['tls.crt', 'tls.key'],
    });
    expect(redactObject(secret(undefined)).padlock).toMatchObject({ dataKeys: [] });
    expect(redactObject(secret('CANARY')).padlock).toMatchObject({ dataKeys: [] });
  });
});
