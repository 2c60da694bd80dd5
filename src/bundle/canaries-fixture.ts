import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';

const base64 = (text: string) => Buffer.from(text).toString('base64');
const wrapped = (text: string, width: number) => text.replaceAll(new RegExp(`.{${width}}`, 'g'), '$&\n').trimEnd();

/** Test values for secrets. Each is unique, so that a leaked one shows where it was planted. */
export class Canaries {
  /** The place by the value. */
  readonly places = new Map<string, string>();

  /** A new value: letters and digits only, so that it is also a part of base64 and of URLs. */
  at(place: string): string {
    const value = `Canary${randomBytes(9).toString('hex')}`;
    this.places.set(value, place);
    return value;
  }

  /** A private key. Tests search for each of its lines. */
  key(place: string): { readonly pem: string; readonly der: Buffer } {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const der = privateKey.export({ type: 'pkcs8', format: 'der' });
    // The first line begins with what all such keys share.
    const [, first = '', ...others] = pem.split('\n').slice(0, -2);
    for (const part of [first.slice(40), ...others]) this.places.set(part, place);
    return { pem, der };
  }

  /** A PEM block that no parser would take, as redaction must not depend on one. */
  block(place: string, kind: string): string {
    const lines = [1, 2, 3].map((line) => this.at(`${place}, line ${line}`).padEnd(64, 'A'));
    return [`-----BEGIN ${kind}PRIVATE KEY-----`, ...lines, `-----END ${kind}PRIVATE KEY-----`].join('\n');
  }

  jwt(place: string): string {
    const payload = Buffer.from(JSON.stringify({ sub: this.at(`${place}, payload`) })).toString('base64url');
    return `eyJhbGciOiJSUzI1NiJ9.${payload}.${this.at(`${place}, signature`)}`;
  }
}

/** Texts with a secret in every notation that has a redaction rule, as in logs, messages and files. */
export function secretTexts(canaries: Canaries, where: string): string[] {
  const at = (what: string) => canaries.at(`${where}: ${what}`);
  const key = (what: string) => canaries.key(`${where}: ${what}`);
  const block = (what: string, kind: string) => canaries.block(`${where}: ${what}`, kind);
  const jwk = { kty: 'EC', crv: 'P-256', x: 'public', y: 'public', d: at('JWK') };
  const kubeconfig = `users:\n- name: a\n  user:\n    client-key-data: ${base64(key('kubeconfig key').pem)}\n    token: ${at('kubeconfig token')}\n`;
  return [
    key('PEM').pem,
    block('RSA PEM', 'RSA '),
    block('encrypted PEM', 'ENCRYPTED '),
    block('OpenSSH PEM', 'OPENSSH '),
    `loaded ${block('PEM after text', 'EC ')} from the disk`,
    JSON.stringify({ msg: key('escaped PEM').pem }),
    JSON.stringify({ msg: JSON.stringify({ key: key('twice escaped PEM').pem }) }),
    `tls.key: ${base64(key('base64 of PEM').pem)}`,
    wrapped(base64(key('wrapped base64 of PEM').pem), 76),
    `shifted/${base64(key('shifted base64 of PEM').pem)}`,
    base64(JSON.stringify({ nested: key('base64 of JSON with PEM').pem })),
    base64(base64(key('base64 twice').pem)),
    `der ${key('base64 of DER').der.toString('base64')} end`,
    wrapped(key('wrapped base64 of DER').der.toString('base64'), 64),
    Buffer.from(key('hexadecimal PEM').pem).toString('hex'),
    key('hexadecimal DER').der.toString('hex'),
    `GET /?key=${encodeURIComponent(block('URL-encoded PEM', ''))}`,
    `Authorization: Bearer ${at('Bearer')}`,
    `{"headers":{"authorization":"Bearer ${at('Bearer in JSON')}"}}`,
    `> Authorization: ${at('Authorization without a scheme')}`,
    `curl -H 'Authorization: Token ${at('Authorization with a scheme')}' https://example.test`,
    `Authorization: Basic ${base64(`user:${at('Basic')}`)}`,
    `proxied with Basic ${base64(`user:${at('Basic without the field')}`)}`,
    `Set-Cookie: session=${at('cookie')}; Path=/`,
    `dial https://user:${at('URL with password')}@example.test/path`,
    `clone https://${at('URL with user alone')}@example.test/path`,
    `GET /callback?access_token=${at('query')}&state=1`,
    `got ${canaries.jwt(`${where}: JWT`)} from the API server`,
    base64(`token ${canaries.jwt(`${where}: base64 of JWT`)}`),
    JSON.stringify(jwk),
    JSON.stringify({ account: JSON.stringify({ ...jwk, d: at('escaped JWK') }) }),
    base64(JSON.stringify({ ...jwk, d: at('base64 of JWK') })),
    `password=${at('password=')}`,
    `level=info db.password: "${at('password: ')} with \\"more ${at('quoted password after a quote')}" user=x`,
    `{"clientSecret":"${at('clientSecret')}","passphrase":'${at('passphrase')}'}`,
    `msg="{\\"apiKey\\":\\"${at('escaped apiKey')}\\"}"`,
    `started with --token=${at('--token=')} --api-key ${at('--api-key')}`,
    `AWS_SECRET_ACCESS_KEY=${at('environment variable')}`,
    `key "padlock-update" { algorithm hmac-sha256; secret "${base64(at('TSIG in BIND syntax'))}"; };`,
    `nsupdate -y hmac-sha256:padlock-update:${base64(at('nsupdate -y'))}`,
    `key hmac-sha256:padlock-update ${base64(at('nsupdate key'))}`,
    `tsigSecret: ${base64(at('tsigSecret'))}`,
    `{"pebble":{"externalAccountMACKeys":{"kid-1":"${at('EAB MAC key of Pebble')}"}}}`,
    `--eab-hmac-key=${at('EAB HMAC')} eab_hmac: ${at('eab_hmac')}`,
    kubeconfig,
    base64(kubeconfig.replaceAll(/token: \w+/g, `token: ${at('base64 of kubeconfig')}`)),
    `password: |\n  ${at('block of YAML')}\n  ${at('second line of a block of YAML')}\nuser: x`,
    `{"kind":"Secret","apiVersion":"v1","data":{"any":"${base64(at('Secret in JSON'))}"}}`,
    gzipSync(`release ${at('compressed')}`).toString('base64'),
  ];
}

/** A manifest of a Secret in YAML; only as a whole can it be told from other YAML. */
export function secretManifest(canaries: Canaries, where: string): string {
  return `apiVersion: v1\nkind: Secret\nmetadata:\n  name: s\nstringData:\n  any: ${canaries.at(`${where}: Secret in YAML`)}\n`;
}

const base64Word = /[A-Za-z0-9+/_-]{12,}={0,2}/g;
const hexWord = /(?:[0-9a-fA-F]{2}){12,}/g;

/** The canaries in some bytes: as they are, without white space between, and in base64, base64url and hexadecimal of any depth up to three. */
export function foundIn(bytes: Buffer, canaries: Canaries): Set<string> {
  const found = new Set<string>();
  const all = [...canaries.places.keys()];
  const keys = all.filter((value) => !value.startsWith('Canary'));
  const search = (text: string, depth: number) => {
    const joined = text.replaceAll(/\s|\\+[nr]/g, '');
    for (const value of joined.includes('Canary') ? all : keys) {
      if (text.includes(value) || joined.includes(value)) found.add(value);
    }
    if (depth === 3) return;
    for (const form of new Set([text, joined])) {
      for (const [word] of form.matchAll(base64Word)) {
        // What stands before it without a border shifts the groups of four.
        for (const offset of [0, 1, 2, 3]) {
          const decoded = Buffer.from(word.slice(offset), 'base64').toString('latin1');
          if (decoded.startsWith('\x1f\x8b')) search(decompressed(Buffer.from(word, 'base64')), depth + 1);
          else if (/[ -~]{12}/.test(decoded)) search(decoded, depth + 1);
        }
      }
      for (const [word] of form.matchAll(hexWord)) {
        const decoded = Buffer.from(word, 'hex');
        search(decoded.toString('latin1'), depth + 1);
        search(decoded.toString('base64'), 3);
      }
      for (const part of form.match(/%[0-9A-F]{2}/) === null ? [] : form.split(/[\s&]/)) {
        const decoded = decodedUri(part);
        if (decoded !== part) search(decoded, 3);
      }
    }
  };
  search(bytes.toString('latin1'), 0);
  return found;
}

function decodedUri(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function decompressed(bytes: Buffer): string {
  try {
    return gunzipSync(bytes).toString('latin1');
  } catch {
    return '';
  }
}
