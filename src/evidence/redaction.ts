import { createHash, createPublicKey } from 'node:crypto';
import type { KubeObject } from '../kube/kube-object.ts';
import { certificateFacts, certificatesInPem } from './certificate-facts.ts';
import type { CertificateFacts } from './evidence.ts';
import { type SecretFacts, secretFactsField, secretFactsSchema } from './secret-facts.ts';

/** What stands in evidence where something secret stood. */
export const redacted = '[redacted]';

const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration';

/** Annotations of Secrets that are kept: cert-manager writes only public facts there. Others may hold copies of the data. */
const publicSecretAnnotation = /^(?:[a-z0-9-]+\.)*cert-manager\.io\//;

const secretEnvironmentVariable = /KEY|TOKEN|SECRET|PASSWORD|HMAC/i;

// A block that was cut off has no end line; then the rest of the string is taken for the key.
const privateKey =
  /-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY-----(?:[^-]|-(?!----END))*(?:-----END (?:[A-Z0-9]+ )*PRIVATE KEY-----|$)/g;
const privateKeyBegins = /-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY-----/;
const privateKeyEnds = /-----END (?:[A-Z0-9]+ )*PRIVATE KEY-----/;
/** Base64 of anything that begins with `-----BEGIN `. */
const base64Pem = /LS0tLS1CRUdJTi[A-Za-z0-9+/_-]+={0,2}/g;
/** RFC 6750, section 2.1. */
const bearerToken = /\b(Bearer)(\s+)[A-Za-z0-9\-._~+/]+=*/gi;
/** RFC 7519, section 3: three parts (RFC 7515, section 7.1) or five (RFC 7516); a cut-off one has its payload at least. */
const jsonWebToken = /eyJ[\w-]{4,}\.(?:eyJ[\w-]*(?:\.[\w-]*){0,3}|[\w-]*\.[\w-]+(?:\.[\w-]*){0,2})/g;

/**
 * Replaces private keys in PEM (also in base64 of PEM), bearer tokens and JSON Web Tokens by `[redacted]`. For single
 * lines of a log use {@link lineScrubber}: there a key spreads over several of them.
 */
export function scrubText(text: string): string {
  return text
    .replace(privateKey, redacted)
    .replace(base64Pem, (match) =>
      privateKeyBegins.test(Buffer.from(match, 'base64').toString('latin1')) ? redacted : match,
    )
    .replace(bearerToken, `$1$2${redacted}`)
    .replace(jsonWebToken, redacted);
}

/** A {@link scrubText} for the lines of one log in their order: it also hides keys that spread over several lines. */
export function lineScrubber(): (line: string) => string {
  let insideKey = false;
  return (line) => {
    if (!insideKey) {
      const begin = line.search(privateKeyBegins);
      insideKey = begin >= 0 && !privateKeyEnds.test(line.slice(begin));
      return scrubText(line);
    }
    const end = privateKeyEnds.exec(line);
    if (end === null) return redacted;
    insideKey = false;
    return redacted + scrubText(line.slice(end.index + end[0].length));
  };
}

/**
 * What evidence may hold of a Kubernetes object. Field managers and kubectl's copy of the manifest are left out. Of a
 * Secret only its metadata, type and {@link SecretFacts} remain. In any other object secrets in strings are replaced
 * by {@link scrubText}, and so are literal values of environment variables whose names speak of a secret. An object that
 * was redacted before stays as it is.
 */
export function redactObject(object: KubeObject): KubeObject {
  if (object.kind === 'Secret' && object.apiVersion === 'v1') return redactSecret(object);
  const { metadata, ...rest } = object;
  return { ...scrubRecord(rest), metadata: redactMetadata(metadata) } as KubeObject;
}

function redactSecret(secret: KubeObject): KubeObject {
  const metadata = redactMetadata(secret.metadata);
  const annotations = Object.entries(metadata.annotations ?? {}).map(([name, value]) => [
    name,
    publicSecretAnnotation.test(name) ? value : redacted,
  ]);
  return {
    apiVersion: secret.apiVersion,
    kind: secret.kind,
    metadata:
      metadata.annotations === undefined ? metadata : { ...metadata, annotations: Object.fromEntries(annotations) },
    ...(typeof secret.type === 'string' ? { type: secret.type } : {}),
    [secretFactsField]: factsFromBefore(secret) ?? secretFacts(secret),
  };
}

function redactMetadata(metadata: KubeObject['metadata']): KubeObject['metadata'] {
  const { managedFields: _, annotations, ...rest } = metadata;
  const scrubbed = scrubRecord(rest) as unknown as KubeObject['metadata'];
  if (annotations === undefined) return scrubbed;
  const { [lastApplied]: __, ...kept } = annotations;
  return { ...scrubbed, annotations: scrubRecord(kept) as Record<string, string> };
}

/** The facts of a Secret that was redacted before; the API server itself keeps no such field. */
function factsFromBefore(secret: KubeObject): SecretFacts | undefined {
  return secret.data === undefined ? secretFactsSchema.safeParse(secret[secretFactsField]).data : undefined;
}

function secretFacts(secret: KubeObject): SecretFacts {
  const data = isRecord(secret.data) ? secret.data : {};
  const decoded = (key: string): string | null => {
    const value = data[key];
    return typeof value === 'string' ? Buffer.from(value, 'base64').toString('utf8') : null;
  };
  const key = decoded('tls.key');
  return {
    certificates: certificatesInPem(decoded('tls.crt') ?? '').flatMap(parsedOrNothing),
    privateKeyPublicSha256: key === null ? null : publicKeySha256(key),
    dataKeys: Object.keys(data).sort(),
  };
}

/** What is not a certificate is left out: that tls.crt is not in order is for a check to say, which finds too few in it. */
function parsedOrNothing(pem: string): CertificateFacts[] {
  try {
    return [certificateFacts(pem)];
  } catch {
    return [];
  }
}

function publicKeySha256(privateKeyPem: string): string | null {
  try {
    const spki = createPublicKey(privateKeyPem).export({ type: 'spki', format: 'der' });
    return createHash('sha256').update(spki).digest('hex');
  } catch {
    return null;
  }
}

function scrub(value: unknown): unknown {
  if (typeof value === 'string') return scrubText(value);
  if (Array.isArray(value)) return value.map(scrub);
  return isRecord(value) ? scrubRecord(value) : value;
}

function scrubRecord(record: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(record).map(([name, value]) => [
      scrubText(name),
      name === 'env' && Array.isArray(value) ? value.map(redactEnvironmentVariable) : scrub(value),
    ]),
  );
}

function redactEnvironmentVariable(variable: unknown): unknown {
  if (!isRecord(variable)) return scrub(variable);
  const { name, value } = variable;
  const secret = typeof name === 'string' && secretEnvironmentVariable.test(name) && typeof value === 'string';
  return secret && value !== '' ? { ...scrubRecord(variable), value: redacted } : scrubRecord(variable);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
