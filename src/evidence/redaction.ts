import { createHash, createPublicKey } from 'node:crypto';
import { groupOf, type KubeObject } from '../kube/kube-object.ts';
import { certificateFacts, certificatesInPem } from './certificate-facts.ts';
import type { CertificateFacts } from './evidence.ts';
import { type SecretFacts, secretFactsField, secretFactsSchema } from './secret-facts.ts';

/** The replacement for a secret in evidence. */
export const redacted = '[redacted]';

/** Annotations with a tool's own copy of the whole manifest: kubectl's, and those that others write for the same purpose. */
const copyOfManifest = /last-applied|^kapp\.k14s\.io\/original|^objectset\.rio\.cattle\.io\/applied/;

/** Annotations of Secrets that are kept: cert-manager writes only public facts there. Others may hold copies of the data. */
const publicSecretAnnotation = /^(?:[a-z0-9-]+\.)*cert-manager\.io\//;

/** Names of environment variables, headers and similar fields whose literal values are hidden. */
const secretVariable = /KEY|TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|CREDENTIAL|HMAC|AUTH$|AUTHORIZATION|COOKIE|_PWD$/i;

/** Names of fields, in lower case without separators, whose strings are hidden. */
const secretField =
  /(?:password|passwd|passphrase|token|hmac|hmackey|hmacencoded|hmacsecret|mackey|secretkey|secretaccesskey|privatekey|apikey|accesskey|keydata|ticketkeys?|tsigsecret|clientsecret|sharedsecret|apisecret|appsecret|credentials?|jsonkey|authorization|cookie)$|^secrets?$/;

/** RFC 8555, section 8: the token of a challenge is what the server under validation shows to everyone. */
const publicTokenGroup = 'acme.cert-manager.io';

/** Fields of Envoy's DataSource that hold content itself, and the fields above them whose content is public. */
const inlineContent = /^inline_?(?:string|bytes)$/i;
const publicInlineContent = /^(?:certificate_?chain|trusted_?ca|crl|ocsp_?staple|local_?jwks|body)$/i;

/** The private members of a JSON Web Key (RFC 7518, sections 6.2.2, 6.3.2 and 6.4.1). */
const privateKeyMembers = new Set(['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k']);

const space = '(?: |%20|\\+)';
const privateKeyLabel = `(?:[A-Z0-9]+${space})*PRIVATE${space}KEY(?:${space}BLOCK)?-----`;
const privateKeyBegins = new RegExp(`-----BEGIN${space}${privateKeyLabel}`);
const privateKeyEnds = new RegExp(`-----END${space}${privateKeyLabel}`);
// A block that was cut off has no end line; then the rest of the string is taken for the key.
const privateKey = new RegExp(`${privateKeyBegins.source}[\\s\\S]*?(?:${privateKeyEnds.source}|$)`, 'g');
const wholePrivateKey = new RegExp(`${privateKeyBegins.source}[\\s\\S]*?${privateKeyEnds.source}`, 'g');
/** The end of a block whose beginning was cut off. */
const privateKeyTail = new RegExp(`^[\\s\\S]*${privateKeyEnds.source}`);
/** Words of base64 (also its URL-safe form), and base64 over several lines of at least 60 characters. */
const base64Run = /(?:[A-Za-z0-9+/]{60,}(?:\\r)?(?:\\n|\r?\n)[ \t]*)+[A-Za-z0-9+/]+={0,2}|[A-Za-z0-9+/_-]{24,}={0,2}/g;
/** Compressed content cannot be inspected, so gzip in base64 (Helm's releases), even encoded twice, is hidden. */
const base64Gzip = /^(?:H4sI|SDRzS)/;
const hexRun = /\b(?:[0-9a-f]{2}){24,}\b/gi;
/** RFC 6750, section 2.1. */
const bearerToken = /\b(Bearer)(\s+|%20|\+)[A-Za-z0-9\-._~+/]+=*/gi;
/** RFC 7617, section 2. */
const basicCredentials = /\b(Basic)(\s+)([A-Za-z0-9+/]{4,}={0,2})/gi;
/** RFC 7519, section 3: three parts (RFC 7515, section 7.1) or five (RFC 7516); a cut-off one has its payload at least. */
const jsonWebToken = /eyJ[\w-]{4,}\.(?:eyJ[\w-]*(?:\.[\w-]*){0,3}|[\w-]*\.[\w-]+(?:\.[\w-]*){0,2})/g;
/** The field `Authorization` with a scheme; without a scheme only where it is the whole line: ACME's errors say `authorization: …` too. */
const authorizationHeader =
  /(\bauthorization\\*["'\]]?\s*[:=]\s*[["'\\]*)(Basic|Digest|Negotiate|NTLM|Token|Api-?Key|OAuth|AWS4-HMAC-SHA256|Hawk|SharedKey)\s+[^\r\n"'\\]+/gi;
const authorizationLine = /^([<>\s]*(?:proxy-)?authorization:[ \t]*)(?!Bearer\b)\S+[ \t]*$/gim;
const cookieHeader = /(\b(?:set-)?cookie\\*["'\]]?\s*[:=](?!\s*\[redacted\])\s*)(\[?\\*["']?)[^\r\n"'\\]+/gi;
/** RFC 3986, section 3.2.1. */
const userInformation = /\b([a-z][a-z0-9+.-]{0,20}:\/\/)[^\s/?#@"'<>]+@/gi;
const privateKeyMember = /(\\*["'])(d|p|q|dp|dq|qi|k)\1(\s*:\s*)\\*["'][A-Za-z0-9_+/-]{16,}={0,2}/g;
/** The setting of Pebble with its keys for external account binding (RFC 8555, section 7.3.4). */
const bindingKeys = /(externalAccountMACKeys\\*["']?\s*:\s*)\{[^}]*\}?/gi;
/** A TSIG key (RFC 8945) as BIND's configuration, nsupdate's `key` command and its option -y write it. */
const tsigKeys = [
  /(\bsecret\s+\\*["'])[A-Za-z0-9+/]+={0,2}/g,
  /(\bhmac-(?:md5|sha\d+)(?:\.[\w.-]*)?:[\w.-]+:)[A-Za-z0-9+/]{6,}={0,2}/gi,
  /(^\s*(?:>\s*)?key\s+(?:hmac-[\w-]+:)?[\w.-]+\s+)[A-Za-z0-9+/]{16,}={0,2}/gm,
  /(\bIN\s+KEY\s+\d+\s+\d+\s+\d+\s+)[A-Za-z0-9+/ ]{16,}={0,2}/g,
];

const secretName =
  '(?:passw(?:or)?d|passphrase|token|hmac(?:[-_]?(?:key|secret|encoded))?|mac[-_]?key|secret[-_]?(?:access[-_]?)?key|private[-_]?key|api[-_]?key|access[-_]?key|key[-_]?data|(?:client|shared|tsig|api|app)[-_]?secret|ticket[-_]?keys?)';
/** `name=value`, `name: value`, `"name":"value"` (also escaped, as in JSON within JSON) and `--name value`. */
const assignment = new RegExp(
  `(${secretName})(\\\\*["']?)(\\s*(?::=|[:=])\\s*)` +
    `(?:"((?:[^"\\\\\\r\\n]|\\\\.)*)"?|'([^'\\r\\n]*)'?|(\\\\+["'])(?:(?!\\6)[^\\r\\n])*|((?![[{(|>])[^\\s"'\\\\]+))`,
  'gi',
);
const flagAndValue = new RegExp(`((?:^|\\s)--?[\\w-]*${secretName})(\\s+)(?!-)["']?[^\\s"']+`, 'gi');
const secretFlag = new RegExp(`^--?[\\w-]*${secretName}$`, 'i');
/** What begins a block of YAML of which all further indented lines belong to a secret. */
const secretBlockBegins = new RegExp(
  `^([ \\t]*)(?:- )?["']?(?:[\\w.-]*${secretName}["']?:[ \\t]*[|>][-+\\d]*|(?:stringData|data):)[ \\t]*$`,
  'i',
);
const secretBlock = new RegExp(
  `^([ \\t]*)((?:- )?["']?[\\w.-]*${secretName}["']?:[ \\t]*)[|>][-+\\d]*[ \\t]*(?:\\r?\\n(?:\\1[ \\t]+[^\\n]*|[ \\t]*(?=\\n)))+`,
  'gim',
);
/** A manifest of a Secret with its data, in YAML or JSON within a string: its field names may be any. */
const secretManifest = /\bkind\\*["']?\s*:\s*\\*["']?Secret(?:List)?\b(?![\w-])/;
const dataOfManifest = /(?:\bdata|stringData)\\*["']?\s*:/;

/** The maximum depth of nested base64 that is decoded. */
const deepestDecoding = 2;

/**
 * Replaces what is secret in a text by `[redacted]`: private keys (PEM, DER and JWK, also in base64 and hexadecimal),
 * bearer tokens, JSON Web Tokens, credentials in headers and URLs, TSIG and EAB keys, manifests of Secrets, and what is
 * assigned to a name that speaks of a secret. For single lines of a log use {@link lineScrubber}: there a key spreads
 * over several of them.
 */
export function scrubText(text: string): string {
  if (text.length > longestRepeated) return scrubDecoded(text, 0);
  const known = repeated.get(text);
  if (known !== undefined) return known;
  const scrubbed = scrubDecoded(text, 0);
  if (repeated.size >= mostRepeated) repeated.clear();
  repeated.set(text, scrubbed);
  return scrubbed;
}

/** Short texts with their results: names of fields, kinds and labels come again in each object. */
const repeated = new Map<string, string>();
const longestRepeated = 100;
const mostRepeated = 20_000;

function scrubDecoded(text: string, depth: number): string {
  if (secretManifest.test(text) && dataOfManifest.test(text)) return redacted;
  let scrubbed = text
    .replace(privateKey, redacted)
    .replace(privateKeyTail, redacted)
    .replace(base64Run, (run) => (depth < deepestDecoding && base64HoldsSecret(run, depth) ? redacted : run))
    .replace(hexRun, (run) =>
      depth < deepestDecoding && holdsSecret(Buffer.from(run, 'hex').toString('latin1'), depth) ? redacted : run,
    )
    .replace(bearerToken, `$1$2${redacted}`)
    .replace(basicCredentials, (whole, scheme: string, between: string, credentials: string) =>
      Buffer.from(credentials, 'base64').includes(':') ? `${scheme}${between}${redacted}` : whole,
    )
    .replace(jsonWebToken, redacted)
    .replace(authorizationHeader, `$1$2 ${redacted}`)
    .replace(authorizationLine, `$1${redacted}`)
    .replace(cookieHeader, `$1$2${redacted}`)
    .replace(userInformation, `$1${redacted}@`)
    .replace(privateKeyMember, `$1$2$1$3$1${redacted}`)
    .replace(bindingKeys, `$1${redacted}`);
  for (const key of tsigKeys) scrubbed = scrubbed.replace(key, `$1${redacted}`);
  return scrubbed
    .replace(secretBlock, `$1$2${redacted}`)
    .replace(assignment, redactAssignment)
    .replace(flagAndValue, `$1$2${redacted}`);
}

function redactAssignment(
  whole: string,
  name: string,
  quote: string,
  between: string,
  double: string | undefined,
  single: string | undefined,
  escaped: string | undefined,
  bare: string | undefined,
): string {
  if (bare !== undefined) {
    if (/^(?:true|false|null|nil|<nil>)[,;.}\])]*$/.test(bare)) return whole;
    // Prose: `invalid token: signature …`.
    if (quote === '' && /^:\s/.test(between) && /^[a-z]+[,.:;]?$/.test(bare) && /token/i.test(name)) return whole;
    return `${name}${quote}${between}${redacted}`;
  }
  if (double === '' || single === '') return whole;
  const opening = escaped ?? (double === undefined ? "'" : '"');
  // The closing quote of an escaped string was not taken.
  return `${name}${quote}${between}${opening}${redacted}${escaped === undefined ? opening : ''}`;
}

function base64HoldsSecret(run: string, depth: number): boolean {
  const word = run.replaceAll(/\\[rn]|\s/g, '');
  if (base64Gzip.test(word)) return true;
  if (holdsSecret(decodeBase64(word), depth)) return true;
  // What stands before it without a border (a path, a prefix) shifts the four-character groups.
  return [1, 2, 3].some((offset) => {
    const decoded = decodeBase64(word.slice(offset));
    return privateKeyBegins.test(decoded) || privateKeyEnds.test(decoded);
  });
}

function decodeBase64(word: string): string {
  return Buffer.from(word, 'base64').toString('latin1');
}

function holdsSecret(decoded: string, depth: number): boolean {
  return isPrivateKeyDer(decoded) || scrubDecoded(decoded, depth + 1) !== decoded;
}

/**
 * Whether bytes begin as a PrivateKeyInfo (RFC 5208), RSAPrivateKey (RFC 8017) or ECPrivateKey (RFC 5915) in DER: a
 * sequence that begins with a version, then a sequence, an integer or an octet string.
 */
function isPrivateKeyDer(bytes: string): boolean {
  const at = (index: number) => bytes.charCodeAt(index);
  const start = at(1) < 0x80 ? 2 : 2 + (at(1) & 0x7f);
  const version = at(start) === 2 && at(start + 1) === 1 && at(start + 2) <= 1;
  return at(0) === 0x30 && version && [0x30, 2, 4].includes(at(start + 3));
}

/**
 * A {@link scrubText} for the lines of one log in their order: it also hides keys that spread over several lines, and
 * blocks of YAML below a name that speaks of a secret.
 *
 * @param onLateEnd called for a line that ends a private key which began before the first line: the lines so far were
 *   the key, which was not recognizable
 * @param isWanted whether the caller needs a line. Others are only followed, which is much faster, and come out empty
 */
export function lineScrubber(
  onLateEnd: () => void = () => {},
  isWanted: (line: string) => boolean = () => true,
): (line: string) => string {
  let insideKey = false;
  let insideBase64 = false;
  let blockIndentation: number | null = null;
  const scrubLine = (line: string, wanted: boolean): string => {
    if (insideKey) {
      const end = privateKeyEnds.exec(line);
      if (end === null) return redacted;
      insideKey = false;
      return redacted + scrubLine(line.slice(end.index + end[0].length), wanted);
    }
    if (blockIndentation !== null) {
      if (line.trim() === '') return line;
      if (line.search(/\S/) > blockIndentation) {
        insideKey = beginsKey(line);
        return redacted;
      }
      blockIndentation = null;
    }
    if (insideBase64) {
      insideBase64 = /^\s*[A-Za-z0-9+/]{60,}={0,2}\s*$/.test(line);
      if (insideBase64 || /^\s*[A-Za-z0-9+/]+={0,2}["']?\s*$/.test(line)) return redacted;
    }
    insideKey = beginsKey(line);
    if (privateKeyEnds.test(line.replace(privateKey, ''))) onLateEnd();
    const block = secretBlockBegins.exec(line);
    if (block !== null) blockIndentation = block[1]?.length ?? 0;
    const endsInBase64 = /^[A-Za-z0-9+/]{60}$/.test(line.trimEnd().slice(-60));
    if (!endsInBase64 && !wanted) {
      insideBase64 = false;
      return '';
    }
    const scrubbed = scrubText(line);
    insideBase64 = endsInBase64 && scrubbed.trimEnd().endsWith(redacted);
    return scrubbed;
  };
  return (line) => scrubLine(line, isWanted(line));
}

/** Whether a line begins a private key that does not end in it. */
function beginsKey(line: string): boolean {
  const rest = line.replace(wholePrivateKey, '');
  return privateKeyBegins.test(rest);
}

/** Any JSON, such as Envoy's config dump, with what is secret in it replaced by the rules of {@link redactObject}. */
export function redactJson(value: unknown): unknown {
  return scrub(value, { parent: '', publicTokens: false });
}

/**
 * What evidence may hold of a Kubernetes object. Field managers and kubectl's copy of the manifest are left out. Of a
 * Secret only its metadata, type and {@link SecretFacts} remain. In any other object secrets in strings are replaced
 * by {@link scrubText}, and so are literal values of environment variables, headers, arguments and fields whose names
 * speak of a secret. An object that was redacted before stays as it is.
 */
export function redactObject(object: KubeObject): KubeObject {
  if (object.kind === 'Secret') return redactSecret(object);
  const { metadata, data, binaryData, ...rest } = object;
  const place = { parent: '', publicTokens: groupOf(object.apiVersion) === publicTokenGroup };
  const content = object.kind === 'ConfigMap' ? configuration(data, binaryData) : { data, binaryData };
  const entries = Object.entries({ ...rest, ...content }).filter(([, value]) => value !== undefined);
  return { ...scrubRecord(Object.fromEntries(entries), place), metadata: redactMetadata(metadata) } as KubeObject;
}

/** Of a ConfigMap's binary data only the names are kept, and so of entries whose names speak of a secret. */
function configuration(data: unknown, binaryData: unknown): Record<string, unknown> {
  const hide = (record: unknown, which: (name: string) => boolean) =>
    isRecord(record)
      ? Object.fromEntries(Object.entries(record).map(([name, value]) => [name, which(name) ? redacted : value]))
      : record;
  const secret = (name: string) => /\.key$|\.p12$|\.jks$/i.test(name) || isSecretField(name);
  return { data: hide(data, secret), binaryData: hide(binaryData, () => true) };
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
  const place = { parent: 'metadata', publicTokens: false };
  const scrubbed = scrubRecord(rest, place) as unknown as KubeObject['metadata'];
  if (annotations === undefined) return scrubbed;
  const kept = Object.entries(annotations).filter(([name]) => !copyOfManifest.test(name));
  return { ...scrubbed, annotations: scrubRecord(Object.fromEntries(kept), place) as Record<string, string> };
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

/** The position of a value. */
interface Place {
  /** The name of the field above. */
  readonly parent: string;
  readonly publicTokens: boolean;
}

function scrub(value: unknown, place: Place): unknown {
  if (typeof value === 'string') return scrubText(value);
  if (Array.isArray(value)) {
    return value.map((item, index) => {
      const before: unknown = value[index - 1];
      const isValueOfFlag = typeof item === 'string' && typeof before === 'string' && secretFlag.test(before);
      return isValueOfFlag ? redacted : scrub(item, place);
    });
  }
  return isRecord(value) ? scrubRecord(value, place) : value;
}

function scrubRecord(record: Readonly<Record<string, unknown>>, place: Place): Record<string, unknown> {
  const hidesAll = (name: string) =>
    (record.kind === 'Secret' && (name === 'data' || name === 'stringData')) ||
    (typeof record.kty === 'string' && privateKeyMembers.has(name)) ||
    (inlineContent.test(name) && !publicInlineContent.test(place.parent)) ||
    /^externalAccountMACKeys$/i.test(name);
  const entries = Object.entries(record).map(([name, value]) => {
    if (hidesAll(name)) return [scrubText(name), redacted];
    if (hidesStrings(name, place)) return [scrubText(name), withoutStrings(value, { ...place, parent: name })];
    return [scrubText(name), scrub(value, { ...place, parent: name })];
  });
  const scrubbed = Object.fromEntries(entries) as Record<string, unknown>;
  // An environment variable, a header, a query parameter; Envoy's headers have a key.
  const { name = record.key, value } = record;
  const isSecret = typeof name === 'string' && typeof value === 'string' && value !== '' && secretVariable.test(name);
  return isSecret ? { ...scrubbed, value: redacted } : scrubbed;
}

function hidesStrings(name: string, { publicTokens }: Place): boolean {
  // The label acme.cert-manager.io/http-token holds a checksum.
  return isSecretField(name) && !name.startsWith('acme.cert-manager.io/') && !(publicTokens && name === 'token');
}

function isSecretField(name: string): boolean {
  return secretField.test(name.toLowerCase().replaceAll(/[-_.\s]/g, ''));
}

/** Hides a value's strings, alone or in a list; what is a structure is looked into. */
function withoutStrings(value: unknown, place: Place): unknown {
  if (typeof value === 'string') return value === '' ? value : redacted;
  return Array.isArray(value) ? value.map((item) => withoutStrings(item, place)) : scrub(value, place);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
