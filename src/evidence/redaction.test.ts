import { createHash, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { describe, expect, test, vi } from 'vitest';
import { certificateFacts } from './certificate-facts.ts';
import { issuedCertificate } from './issued-certificate-fixture.ts';
import { lineScrubber, redactJson, redactObject, scrubText } from './redaction.ts';
import { secretFactsSchema } from './secret-facts.ts';

const base64 = (text: string) => Buffer.from(text).toString('base64');
const pemKey = (kind: string) =>
  `-----BEGIN ${kind}PRIVATE KEY-----\nCANARY+/=\nCANARY\n-----END ${kind}PRIVATE KEY-----`;
const jwt = `eyJhbGciOiJSUzI1NiJ9.${Buffer.from('{"sub":"CANARY"}').toString('base64url')}.CANARY-signature_`;

function pod(overrides: Record<string, unknown> = {}) {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', namespace: 'n', uid: 'u' }, ...overrides };
}

describe('scrubText', () => {
  test.each(['', 'RSA ', 'EC ', 'ENCRYPTED ', 'OPENSSH '])('hides a PEM block %sPRIVATE KEY', (kind) => {
    expect(scrubText(`before ${pemKey(kind)} after`)).toBe('before [redacted] after');
  });

  test('hides keys that are escaped, cut off or in base64', () => {
    expect(scrubText(JSON.stringify({ key: pemKey('RSA ') }))).toBe('{"key":"[redacted]"}');
    expect(scrubText('x -----BEGIN PRIVATE KEY-----\nCANARY')).toBe('x [redacted]');
    expect(scrubText(`tls.key: ${base64(pemKey(''))} after`)).toBe('tls.key: [redacted] after');
    expect(scrubText(`${pemKey('')}\nbetween\n${pemKey('EC ')}`)).toBe('[redacted]\nbetween\n[redacted]');
  });

  test('hides bearer tokens and JSON Web Tokens', () => {
    expect(scrubText('Authorization: Bearer CANARY.a_b~+/==')).toBe('Authorization: Bearer [redacted]');
    expect(scrubText('authorization: bearer CANARY')).toBe('authorization: bearer [redacted]');
    expect(scrubText(`token=${jwt}; rest`)).toBe('token=[redacted]; rest');
    expect(scrubText(`"${jwt.slice(0, jwt.lastIndexOf('.'))}"`)).toBe('"[redacted]"');
    expect(scrubText(`${jwt}.CANARY.CANARY`)).toBe('[redacted]');
  });

  test('hides a key that another block interrupts, and one whose beginning was cut off', () => {
    const interrupted = '-----BEGIN PRIVATE KEY-----\nCANARY\n-----END CERTIFICATE-----\nCANARY';
    expect(scrubText(`x ${interrupted}`)).toBe('x [redacted]');
    expect(scrubText('CANARY\nCANARY\n-----END RSA PRIVATE KEY-----\nafter')).toBe('[redacted]\nafter');
  });

  test.each([
    ['password=CANARY next', 'password=[redacted] next'],
    ['db.password: "CANARY \\" CANARY" next', 'db.password: "[redacted]" next'],
    ['{"clientSecret":"CANARY","id":"seen"}', '{"clientSecret":"[redacted]","id":"seen"}'],
    ['{\\"apiKey\\":\\"CANARY\\",\\"id\\":1}', '{\\"apiKey\\":\\"[redacted]\\",\\"id\\":1}'],
    ['run --token=CANARY --api-key CANARY --port 1', 'run --token=[redacted] --api-key [redacted] --port 1'],
    ['password: |\n  CANARY\n  CANARY\nuser: seen', 'password: [redacted]\nuser: seen'],
    [
      'key "k" { algorithm hmac-sha256; secret "CANARY+/="; };',
      'key "k" { algorithm hmac-sha256; secret "[redacted]"; };',
    ],
    ['nsupdate -y hmac-sha256:k:CANARY== file', 'nsupdate -y hmac-sha256:k:[redacted] file'],
    ['dial https://user:CANARY@example.test/seen', 'dial https://[redacted]@example.test/seen'],
    ['Authorization: Token CANARY', 'Authorization: Token [redacted]'],
    ['> Authorization: CANARY', '> Authorization: [redacted]'],
    [`with Basic ${base64('u:CANARY')} seen`, 'with Basic [redacted] seen'],
    ['Set-Cookie: a=CANARY; Path=/', 'Set-Cookie: [redacted]'],
    ['{"kty":"EC","x":"seen","d":"CANARYCANARYCANARY"}', '{"kty":"EC","x":"seen","d":"[redacted]"}'],
    [`{"kind":"Secret","data":{"a":"${base64('CANARY')}"}}`, '[redacted]'],
    [`release ${gzipSync('CANARYCANARY').toString('base64')} seen`, 'release [redacted] seen'],
  ])('scrubs %j', (text, scrubbed) => {
    expect(scrubText(text)).toBe(scrubbed);
    expect(scrubText(scrubbed)).toBe(scrubbed);
  });

  test('leaves alone what logs and conditions say of authorizations, tokens and Secrets', () => {
    for (const text of [
      'Error accepting authorization: acme: authorization error for a.test: 403 urn:ietf:params:acme:error:unauthorized: no',
      'invalid token: signature does not verify',
      'Issuing certificate as Secret does not exist, secret="n/s" key="n/c" privateKeySecretRef: name',
      'sync kind=Secret name=s namespace=n data=2',
      'automountServiceAccountToken: false',
      'urn:ietf:params:oauth:token-type is not one of ours',
      'spiffe://cluster.local/ns/n/sa/default',
      'outbound|8089||cm-acme-http-solver-abcde.n.svc.cluster.local',
      'sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
      'keytool -list, secretly: yes; the secret cert-manager-webhook-ca is there',
      '',
    ]) {
      expect(scrubText(text)).toBe(text);
    }
  });

  test('leaves alone what is public', () => {
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
  test('hides a key over several lines and nothing after it', () => {
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

test('lineScrubber follows a key through lines that nobody wants', () => {
  const scrub = lineScrubber(undefined, (line) => line.includes('shop'));
  const lines = [
    '-----BEGIN PRIVATE KEY-----',
    'aaaa',
    'shop-of-the-key',
    '-----END PRIVATE KEY-----',
    'other',
    'shop',
  ];
  expect(lines.map((line) => scrub(line)).slice(2)).toEqual(['[redacted]', '[redacted]', '', 'shop']);
});

describe('lineScrubber of keys without their borders', () => {
  test('reports the end of a key that began before the log', () => {
    const onLateEnd = vi.fn();
    const scrub = lineScrubber(onLateEnd);
    expect(scrub('CANARY -----END PRIVATE KEY----- seen')).toBe('[redacted] seen');
    expect(onLateEnd).toHaveBeenCalledOnce();
    for (const line of pemKey('').split('\n')) scrub(line);
    scrub(pemKey('').replaceAll('\n', ''));
    expect(onLateEnd).toHaveBeenCalledOnce();
  });

  test('finds a second key directly after the first', () => {
    const scrub = lineScrubber();
    const lines = [
      '-----BEGIN PRIVATE KEY-----',
      'CANARY',
      '-----END PRIVATE KEY----- -----BEGIN PRIVATE KEY-----',
      'CANARY',
    ];
    expect(lines.map(scrub).join()).not.toContain('CANARY');
  });

  test('hides base64 of a key over several lines, and blocks of YAML', () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const lines = base64(pem).replaceAll(/.{76}/g, '$&\n').split('\n');
    const block = ['stringData:', '  a: CANARY', '', '  b: CANARY', 'token: |', '  CANARY', 'other: seen'];
    expect([...lines, 'seen', ...block].map(lineScrubber())).toEqual([
      ...lines.map(() => '[redacted]'),
      'seen',
      'stringData:',
      '[redacted]',
      '',
      '[redacted]',
      'token: |',
      '[redacted]',
      'other: seen',
    ]);
  });
});

describe('redactJson', () => {
  test('keeps only public data sources of Envoy', () => {
    expect(
      redactJson({
        tls_certificate: {
          certificate_chain: { inline_string: 'seen' },
          private_key: { inline_string: 'CANARY' },
          password: { inline_bytes: 'CANARY' },
        },
        session_ticket_keys: { keys: [{ inline_bytes: 'CANARY' }, { filename: '/seen' }] },
        generic_secret: { secret: { inline_string: 'CANARY' } },
        access_token: 'CANARY',
        headers: [{ key: 'authorization', value: 'CANARY' }],
        ports: [443, null, true],
      }),
    ).toEqual({
      tls_certificate: {
        certificate_chain: { inline_string: 'seen' },
        private_key: { inline_string: '[redacted]' },
        password: { inline_bytes: '[redacted]' },
      },
      session_ticket_keys: { keys: [{ inline_bytes: '[redacted]' }, { filename: '/seen' }] },
      generic_secret: { secret: { inline_string: '[redacted]' } },
      access_token: '[redacted]',
      headers: [{ key: 'authorization', value: '[redacted]' }],
      ports: [443, null, true],
    });
  });
});

describe('redactObject', () => {
  test('keeps the token and key of a Challenge, which everyone may ask the solver for', () => {
    const challenge = {
      apiVersion: 'acme.cert-manager.io/v1',
      kind: 'Challenge',
      metadata: { name: 'c', namespace: 'n', labels: { 'acme.cert-manager.io/http-token': '1234567' } },
      spec: { token: 'LoqXcYV8q5ONbJQxbmR7SCTNo3tiAXDfowyjxAjEuX0', key: 'LoqX.9jg4', password: 'seen not' },
    };
    expect(redactObject(challenge)).toEqual({ ...challenge, spec: { ...challenge.spec, password: '[redacted]' } });
  });

  test('hides arguments after a flag, headers, fields by name and binary data', () => {
    const text = JSON.stringify(
      redactObject({
        ...pod({ kind: 'ConfigMap' }),
        spec: {
          args: ['--token', 'CANARY', '--port', '8080'],
          httpHeaders: [{ name: 'Authorization', value: 'CANARY' }],
          config: { apiKey: 'CANARY', tokens: { deep: { password: ['CANARY'] } }, privateKey: { algorithm: 'RSA' } },
          template: { kind: 'Secret', stringData: { a: 'CANARY' } },
        },
        data: { 'tls.key': 'CANARY', seen: 'seen' },
        binaryData: { a: 'CANARY' },
      }),
    );
    expect(text).not.toContain('CANARY');
    for (const kept of ['8080', '"algorithm":"RSA"', '"seen":"seen"']) expect(text).toContain(kept);
  });

  test('removes field managers and the copy of the manifest, and keeps the rest', () => {
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

  test('hides literal environment variables by name, and references stay', () => {
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

  test('finds canaries everywhere in an object', () => {
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
  test('keeps what is public of a TLS Secret and nothing else', async () => {
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

  test('does not treat a Secret with data as already redacted', () => {
    const facts = { certificates: [], privateKeyPublicSha256: null, dataKeys: ['CANARY'] };
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' }, padlock: facts };
    expect(redactObject({ ...secret, data: { a: '' } }).padlock).toMatchObject({ dataKeys: ['a'] });
    expect(redactObject({ ...secret, padlock: { ...facts, more: 'CANARY' } }).padlock).toMatchObject({ dataKeys: [] });
  });

  test("keeps nothing of an Opaque Secret's contents, and accepts malformed Secrets", () => {
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
