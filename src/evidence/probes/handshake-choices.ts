import { createDecipheriv, createHmac } from 'node:crypto';

/** What a server chose for the key exchange and its signature in a handshake, by IANA's names. */
export interface HandshakeChoices {
  /** The group of the key exchange (RFC 8446 section 4.2.8); null if there was none, as in an RSA key exchange of TLS 1.2. */
  readonly keyExchangeGroup: string | null;
  /** The scheme of the server's signature (RFC 8446 section 4.4.3); null if it made none that could be read. */
  readonly signatureAlgorithm: string | null;
}

const recordHeaderLength = 5;
const handshakeHeaderLength = 4;
const contentType = { handshake: 22, applicationData: 23 } as const;
const message = { serverHello: 2, serverKeyExchange: 12, certificateVerify: 15 } as const;
const extension = { supportedVersions: 43, keyShare: 51 } as const;
const namedCurve = 3;
/** The random of a ServerHello that is a HelloRetryRequest (RFC 8446 section 4.1.3). */
const retryRandom = Buffer.from('cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c', 'hex');

/** IANA's registry "TLS Supported Groups". */
const groups: ReadonlyMap<number, string> = new Map([
  [0x0017, 'secp256r1'],
  [0x0018, 'secp384r1'],
  [0x0019, 'secp521r1'],
  [0x001d, 'x25519'],
  [0x001e, 'x448'],
  [0x0100, 'ffdhe2048'],
  [0x0101, 'ffdhe3072'],
  [0x0102, 'ffdhe4096'],
  [0x0200, 'MLKEM512'],
  [0x0201, 'MLKEM768'],
  [0x0202, 'MLKEM1024'],
  [0x11eb, 'SecP256r1MLKEM768'],
  [0x11ec, 'X25519MLKEM768'],
  [0x11ed, 'SecP384r1MLKEM1024'],
]);

/** IANA's registry "TLS SignatureScheme". */
const schemes: ReadonlyMap<number, string> = new Map([
  [0x0201, 'rsa_pkcs1_sha1'],
  [0x0203, 'ecdsa_sha1'],
  [0x0401, 'rsa_pkcs1_sha256'],
  [0x0501, 'rsa_pkcs1_sha384'],
  [0x0601, 'rsa_pkcs1_sha512'],
  [0x0403, 'ecdsa_secp256r1_sha256'],
  [0x0503, 'ecdsa_secp384r1_sha384'],
  [0x0603, 'ecdsa_secp521r1_sha512'],
  [0x0804, 'rsa_pss_rsae_sha256'],
  [0x0805, 'rsa_pss_rsae_sha384'],
  [0x0806, 'rsa_pss_rsae_sha512'],
  [0x0807, 'ed25519'],
  [0x0808, 'ed448'],
  [0x0809, 'rsa_pss_pss_sha256'],
  [0x080a, 'rsa_pss_pss_sha384'],
  [0x080b, 'rsa_pss_pss_sha512'],
  [0x0904, 'mldsa44'],
  [0x0905, 'mldsa65'],
  [0x0906, 'mldsa87'],
]);

/** By the cipher suite of TLS 1.3 (RFC 8446 appendix B.4). */
const ciphers: ReadonlyMap<
  number,
  {
    readonly cipher: 'aes-128-gcm' | 'aes-256-gcm' | 'chacha20-poly1305';
    readonly keyLength: number;
    readonly hash: string;
  }
> = new Map([
  [0x1301, { cipher: 'aes-128-gcm', keyLength: 16, hash: 'sha256' }],
  [0x1302, { cipher: 'aes-256-gcm', keyLength: 32, hash: 'sha384' }],
  [0x1303, { cipher: 'chacha20-poly1305', keyLength: 32, hash: 'sha256' }],
]);

/**
 * Reads what the server chose from the bytes that it sent: Node tells neither. In TLS 1.3 the signature is encrypted, so the
 * handshake's own secret is needed, which Node gives in the format of SSLKEYLOGFILE.
 *
 * @param received every byte of the server up to the end of the handshake, or more
 * @param keyLog the lines of the event `keylog`
 */
export function handshakeChoices(received: Buffer, keyLog: string): HandshakeChoices {
  const records = recordsIn(received);
  const plain = messagesIn(
    Buffer.concat(records.flatMap(({ type, body }) => (type === contentType.handshake ? [body] : []))),
  );
  const hello = plain.findLast(
    ({ type, body }) => type === message.serverHello && !body.subarray(2, 34).equals(retryRandom),
  );
  if (hello === undefined) return { keyExchangeGroup: null, signatureAlgorithm: null };
  const { cipherSuite, extensions } = serverHello(hello.body);
  if (!extensions.has(extension.supportedVersions)) {
    const exchange = plain.find(({ type }) => type === message.serverKeyExchange);
    return exchange === undefined
      ? { keyExchangeGroup: null, signatureAlgorithm: null }
      : ofServerKeyExchange(exchange.body);
  }
  const share = extensions.get(extension.keyShare);
  const encrypted = records.filter(({ type }) => type === contentType.applicationData);
  const verify = messagesIn(decrypted(encrypted, cipherSuite, keyLog)).find(
    ({ type }) => type === message.certificateVerify,
  );
  return {
    keyExchangeGroup: share === undefined ? null : nameOf(groups, share.readUInt16BE(0)),
    signatureAlgorithm: verify === undefined ? null : nameOf(schemes, verify.body.readUInt16BE(0)),
  };
}

interface TlsRecord {
  readonly type: number;
  readonly header: Buffer;
  readonly body: Buffer;
}

interface HandshakeMessage {
  readonly type: number;
  readonly body: Buffer;
}

function recordsIn(bytes: Buffer): readonly TlsRecord[] {
  const records: TlsRecord[] = [];
  let at = 0;
  while (at + recordHeaderLength <= bytes.length) {
    const header = bytes.subarray(at, at + recordHeaderLength);
    const end = at + recordHeaderLength + header.readUInt16BE(3);
    if (end > bytes.length) break;
    records.push({ type: header.readUInt8(0), header, body: bytes.subarray(at + recordHeaderLength, end) });
    at = end;
  }
  return records;
}

function messagesIn(bytes: Buffer): readonly HandshakeMessage[] {
  const messages: HandshakeMessage[] = [];
  let at = 0;
  while (at + handshakeHeaderLength <= bytes.length) {
    const end = at + handshakeHeaderLength + bytes.readUIntBE(at + 1, 3);
    if (end > bytes.length) break;
    messages.push({ type: bytes.readUInt8(at), body: bytes.subarray(at + handshakeHeaderLength, end) });
    at = end;
  }
  return messages;
}

/** RFC 8446 section 4.1.3: version, random, session id, cipher suite, compression, extensions. */
function serverHello(body: Buffer): { cipherSuite: number; extensions: ReadonlyMap<number, Buffer> } {
  const afterSession = 35 + body.readUInt8(34);
  const extensions = new Map<number, Buffer>();
  let at = afterSession + 5;
  while (at + 4 <= body.length) {
    const end = at + 4 + body.readUInt16BE(at + 2);
    extensions.set(body.readUInt16BE(at), body.subarray(at + 4, end));
    at = end;
  }
  return { cipherSuite: body.readUInt16BE(afterSession), extensions };
}

/** RFC 8422 section 5.4, with the signature algorithm of TLS 1.2 (RFC 5246 section 4.7). */
function ofServerKeyExchange(body: Buffer): HandshakeChoices {
  if (body.readUInt8(0) !== namedCurve) return { keyExchangeGroup: null, signatureAlgorithm: null };
  const signatureAt = 4 + body.readUInt8(3);
  return {
    keyExchangeGroup: nameOf(groups, body.readUInt16BE(1)),
    signatureAlgorithm: nameOf(schemes, body.readUInt16BE(signatureAt)),
  };
}

/** The server's handshake messages (RFC 8446 section 5.2), up to the first record that the handshake's secret does not open. */
function decrypted(records: readonly TlsRecord[], cipherSuite: number, keyLog: string): Buffer {
  const secret = /^SERVER_HANDSHAKE_TRAFFIC_SECRET \S+ ([0-9a-f]+)$/im.exec(keyLog)?.[1];
  const suite = ciphers.get(cipherSuite);
  if (secret === undefined || suite === undefined) return Buffer.alloc(0);
  const traffic = Buffer.from(secret, 'hex');
  const key = expanded(suite.hash, traffic, 'key', suite.keyLength);
  const iv = expanded(suite.hash, traffic, 'iv', 12);
  const opened: Buffer[] = [];
  for (const [sequence, record] of records.entries()) {
    const inner = openRecord(suite.cipher, key, nonceOf(iv, sequence), record);
    if (inner === null || inner.at(-1) !== contentType.handshake) break;
    opened.push(inner.subarray(0, -1));
  }
  return Buffer.concat(opened);
}

/** A record's content and its type, without padding; null if the key does not open it. */
function openRecord(
  cipher: 'aes-128-gcm' | 'aes-256-gcm' | 'chacha20-poly1305',
  key: Buffer,
  nonce: Buffer,
  { header, body }: TlsRecord,
): Buffer | null {
  const tagLength = 16;
  if (body.length < tagLength) return null;
  const options = { authTagLength: tagLength };
  const decipher =
    cipher === 'chacha20-poly1305'
      ? createDecipheriv(cipher, key, nonce, options)
      : createDecipheriv(cipher, key, nonce, options);
  decipher.setAAD(header, { plaintextLength: body.length - tagLength });
  decipher.setAuthTag(body.subarray(-tagLength));
  try {
    const inner = Buffer.concat([decipher.update(body.subarray(0, -tagLength)), decipher.final()]);
    return inner.subarray(0, inner.findLastIndex((byte) => byte !== 0) + 1);
  } catch {
    return null;
  }
}

/** HKDF-Expand-Label (RFC 8446 section 7.1) without a context. */
function expanded(hash: string, secret: Buffer, label: string, length: number): Buffer {
  const full = `tls13 ${label}`;
  const info = Buffer.concat([
    Buffer.from([length >> 8, length & 0xff, full.length]),
    Buffer.from(full),
    Buffer.from([0]),
  ]);
  return hkdfExpand(hash, secret, info, length);
}

/** HKDF-Expand (RFC 5869 section 2.3) of one block, which is as much as a key takes. */
function hkdfExpand(hash: string, secret: Buffer, info: Buffer, length: number): Buffer {
  return createHmac(hash, secret)
    .update(info)
    .update(Buffer.from([1]))
    .digest()
    .subarray(0, length);
}

function nonceOf(iv: Buffer, sequence: number): Buffer {
  const nonce = Buffer.from(iv);
  nonce.writeUInt32BE((nonce.readUInt32BE(8) ^ sequence) >>> 0, 8);
  return nonce;
}

function nameOf(registry: ReadonlyMap<number, string>, code: number): string {
  return registry.get(code) ?? `0x${code.toString(16).padStart(4, '0')}`;
}
