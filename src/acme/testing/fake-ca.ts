import { createHmac, createPublicKey, randomBytes, verify } from 'node:crypto';
import { domainToUnicode } from 'node:url';
import { base64url, calculateJwkThumbprint, type JWK } from 'jose';
import type { HttpAnswer, HttpRequest, Transport } from '../client/transport.ts';

/**
 * For tests: a CA that keeps to RFC 8555 in what can be looked at without an issuance. It stands where the network would be; it
 * issues nothing.
 */

interface FakeAccount {
  readonly url: string;
  jwk: JWK;
  status: string;
  contact: readonly unknown[];
  orders: string;
  readonly binding: unknown;
}

interface FakeOrder {
  readonly url: string;
  readonly account: FakeAccount;
  readonly identifiers: readonly { type: string; value: string }[];
  readonly notAfter: string | undefined;
  status: string;
  authorizations: readonly string[];
}

interface FakeAuthorization {
  readonly order: FakeOrder;
  readonly identifier: { readonly type: string; readonly value: string } | undefined;
  status: string;
}

interface Jws {
  readonly header: Readonly<Record<string, unknown>>;
  readonly payload: string;
  readonly input: string;
  readonly signature: string;
}

export interface FakeCaOptions {
  /** Requires external accounts; MAC keys by their kid. */
  readonly externalAccounts?: Readonly<Record<string, Uint8Array>>;
}

export const fakeDirectory = 'https://ca.test/directory';
const algorithms = ['ES256', 'EdDSA', 'RS256'];

class Refusal extends Error {
  readonly status: number;
  readonly type: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly more: Readonly<Record<string, unknown>>;

  constructor(
    status: number,
    type: string,
    more: Readonly<Record<string, unknown>> = {},
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(type);
    this.status = status;
    this.type = type;
    this.more = more;
    this.headers = headers;
  }
}

export class FakeCa implements Transport {
  /** Where its URLs begin. */
  base = 'https://ca.test';
  readonly accounts: FakeAccount[] = [];
  readonly requests: HttpRequest[] = [];
  readonly #externalAccounts: Readonly<Record<string, Uint8Array>> | undefined;
  readonly #orders: FakeOrder[] = [];
  readonly #nonces = new Set<string>();
  readonly #authorizations = new Map<string, FakeAuthorization>();

  constructor({ externalAccounts }: FakeCaOptions = {}) {
    this.#externalAccounts = externalAccounts;
  }

  async send(request: HttpRequest): Promise<HttpAnswer> {
    this.requests.push(request);
    try {
      return await this.#answer(request);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return this.#problem(error, request);
    }
  }

  async #answer(request: HttpRequest): Promise<HttpAnswer> {
    const { pathname } = new URL(request.url);
    if (request.method !== 'POST') return this.#get(request, pathname);
    if (request.headers['content-type'] !== 'application/jose+json') {
      throw new Refusal(415, 'malformed');
    }
    if (pathname === '/new-account') return this.#newAccount(request);
    const { account, payload, jws } = await this.#authenticated(request);
    if (pathname === '/directory') return this.#directory();
    if (pathname === '/new-nonce') return this.#json(204, null);
    if (pathname === '/new-order') return this.#newOrder(account, payload);
    if (pathname === '/key-change') return this.#keyChange(account, payload, jws);
    if (pathname.endsWith('/orders')) return this.#ordersList(account);
    if (pathname.startsWith('/account/')) {
      if (account.url !== `${this.base}${pathname}`) throw new Refusal(403, 'unauthorized');
      return this.#account(account, payload);
    }
    if (pathname.startsWith('/authorization/')) return this.#authorization(account, request.url, payload);
    if (pathname.startsWith('/challenge/')) return this.#challenge(account, request.url, payload);
    if (pathname.startsWith('/finalize/')) {
      throw new Refusal(403, 'orderNotReady');
    }
    if (pathname.startsWith('/order/')) return this.#order(account, request.url);
    throw new Refusal(405, 'malformed');
  }

  #get(request: HttpRequest, path: string): HttpAnswer {
    if (path === '/directory') return this.#directory();
    if (path === '/new-nonce') return this.#newNonce(request);
    throw new Refusal(405, 'malformed');
  }

  #newNonce({ method }: HttpRequest): HttpAnswer {
    const { status, headers } = this.#json(method === 'HEAD' ? 200 : 204, null);
    return { status, headers: { ...headers, 'cache-control': ['no-store'] }, body: '' };
  }

  #directory(): HttpAnswer {
    const meta = {
      termsOfService: `${this.base}/terms`,
      externalAccountRequired: this.#externalAccounts !== undefined,
    };
    const directory: Record<string, unknown> = {
      newNonce: `${this.base}/new-nonce`,
      newAccount: `${this.base}/new-account`,
      newOrder: `${this.base}/new-order`,
      revokeCert: `${this.base}/revoke-cert`,
      keyChange: `${this.base}/key-change`,
      meta,
    };
    const answer = this.#json(200, directory);
    return { ...answer, headers: { 'content-type': ['application/json'] } };
  }

  /** An answer with nonce and index link, as every one but the directory has. */
  #json(status: number, body: unknown, more: Readonly<Record<string, string>> = {}): HttpAnswer {
    const headers: Record<string, readonly string[]> = {
      'content-type': [status >= 400 ? 'application/problem+json' : 'application/json'],
      link: [`<${this.base}/directory>;rel="index"`],
      'replay-nonce': [this.#issueNonce()],
    };
    for (const [name, value] of Object.entries(more)) headers[name] = [value];
    return { status, headers, body: body === null ? '' : JSON.stringify(body) };
  }

  #issueNonce(): string {
    const nonce = `${base64url.encode(randomBytes(16))}`;
    this.#nonces.add(nonce);
    return nonce;
  }

  #problem(refusal: Refusal, { method }: HttpRequest): HttpAnswer {
    const type = `urn:ietf:params:acme:error:${refusal.type}`;
    const body = { type, detail: `refused: ${refusal.type}`, ...refusal.more };
    const answer = this.#json(refusal.status, method === 'HEAD' ? null : body, refusal.headers);
    const headers: Record<string, readonly string[]> = { ...answer.headers };
    return { ...answer, headers };
  }

  async #open(request: HttpRequest): Promise<Jws> {
    const jws = parseJws(request.body ?? '');
    if (jws.unprotected) throw new Refusal(400, 'malformed');
    if (jws.several) throw new Refusal(400, 'malformed');
    if (jws.signature.includes('=')) throw new Refusal(400, 'malformed');
    const { alg, nonce, url } = jws.header;
    this.#checkAlgorithm(alg);
    const key = this.#keyOf(jws);
    if ((key as { n?: string }).n !== undefined && base64url.decode(String(key.n)).length < 256) {
      throw new Refusal(400, 'badPublicKey');
    }
    const macOrNone = alg === 'none' || alg === 'HS256';
    if (!macOrNone && !isSignedBy(jws, key)) {
      throw new Refusal(400, 'malformed');
    }
    this.#takeNonce(nonce);
    if (url === undefined) throw new Refusal(400, 'malformed');
    if (url !== undefined && url !== request.url) throw new Refusal(403, 'unauthorized');
    return jws;
  }

  #checkAlgorithm(alg: unknown): void {
    if (algorithms.includes(String(alg))) return;
    throw new Refusal(400, 'badSignatureAlgorithm', { algorithms });
  }

  #keyOf({ header: { jwk, kid } }: Jws): JWK {
    if (jwk && kid) throw new Refusal(400, 'malformed');
    if (jwk) return jwk as JWK;
    const account = this.accounts.find(({ url }) => url === kid);
    if (!account) throw new Refusal(400, 'accountDoesNotExist');
    return account.jwk;
  }

  #takeNonce(nonce: unknown): void {
    const known = this.#nonces.has(String(nonce));
    if (known) this.#nonces.delete(String(nonce));
    if (known) return;
    const encoded = /^[A-Za-z0-9_-]+$/.test(String(nonce));
    throw new Refusal(400, encoded ? 'badNonce' : 'malformed');
  }

  #accountOf({ header: { kid } }: Jws): FakeAccount {
    const account = this.accounts.find(({ url }) => url === kid);
    if (!account) throw new Refusal(400, 'malformed');
    if (account.status !== 'valid') {
      throw new Refusal(401, 'unauthorized');
    }
    return account;
  }

  async #authenticated(request: HttpRequest) {
    const jws = await this.#open(request);
    return { account: this.#accountOf(jws), payload: jws.payload, jws };
  }

  async #newAccount(request: HttpRequest): Promise<HttpAnswer> {
    const jws = await this.#open(request);
    if (jws.header.jwk === undefined) throw new Refusal(400, 'malformed');
    const payload = JSON.parse(jws.payload) as Readonly<Record<string, unknown>>;
    const jwk = this.#keyOf(jws);
    const known = await this.#accountByKey(jwk);
    if (known) {
      return this.#json(200, this.#accountObject(known), { location: known.url });
    }
    if (payload.onlyReturnExisting) {
      throw new Refusal(400, 'accountDoesNotExist');
    }
    if (!payload.termsOfServiceAgreed) throw new Refusal(403, 'userActionRequired');
    this.#checkContact(payload.contact);
    const binding = payload.externalAccountBinding;
    await this.#checkBinding(binding, jwk, request.url);
    const url = `${this.base}/account/${this.accounts.length + 1}`;
    const contact = (payload.contact as unknown[] | undefined) ?? [];
    const account = { url, jwk, status: 'valid', contact, orders: `${url}/orders`, binding };
    this.accounts.push(account);
    return this.#json(201, this.#accountObject(account), { location: url });
  }

  async #accountByKey(jwk: JWK): Promise<FakeAccount | undefined> {
    const thumbprint = await calculateJwkThumbprint(jwk);
    for (const account of this.accounts) {
      if ((await calculateJwkThumbprint(account.jwk)) === thumbprint) return account;
    }
    return undefined;
  }

  #accountObject({ status, contact, orders, binding }: FakeAccount): Readonly<Record<string, unknown>> {
    return {
      status,
      contact,
      orders,
      ...(binding === undefined ? {} : { externalAccountBinding: binding }),
    };
  }

  #checkContact(contact: unknown): void {
    for (const one of Array.isArray(contact) ? contact.map(String) : []) {
      if (!one.startsWith('mailto:')) {
        throw new Refusal(400, 'unsupportedContact');
      }
      if (/[,?]/.test(one)) {
        throw new Refusal(400, 'invalidContact');
      }
    }
  }

  async #checkBinding(binding: unknown, jwk: JWK, url: string): Promise<void> {
    if (!this.#externalAccounts) return;
    if (binding === undefined) {
      throw new Refusal(403, 'externalAccountRequired');
    }
    const { header, payload, input, signature } = parseJws(JSON.stringify(binding));
    const known = this.#externalAccounts[String(header.kid)];
    if (!known) throw new Refusal(401, 'unauthorized');
    const mac = base64url.encode(
      createHmac('sha256', known ?? new Uint8Array())
        .update(input)
        .digest(),
    );
    if (known && mac !== signature) throw new Refusal(401, 'unauthorized');
    if (header.url !== url) throw new Refusal(400, 'malformed');
    if (header.nonce !== undefined) throw new Refusal(400, 'malformed');
    const same = (await calculateJwkThumbprint(JSON.parse(payload) as JWK)) === (await calculateJwkThumbprint(jwk));
    if (!same) throw new Refusal(400, 'malformed');
  }

  #account(account: FakeAccount, payload: string): HttpAnswer {
    const change = (payload === '' ? {} : JSON.parse(payload)) as Readonly<Record<string, unknown>>;
    if (change.status === 'deactivated') account.status = 'deactivated';
    if (Array.isArray(change.contact)) account.contact = change.contact;
    return this.#json(200, this.#accountObject(account));
  }

  async #keyChange(account: FakeAccount, payload: string, outer: Jws): Promise<HttpAnswer> {
    const inner = parseJws(payload);
    const jwk = (inner.header.jwk ?? null) as JWK | null;
    if (jwk === null) throw new Refusal(400, 'malformed');
    if (inner.header.nonce !== undefined) throw new Refusal(400, 'malformed');
    if (inner.header.jwk === undefined) return this.#json(200, this.#accountObject(account));
    if (!isSignedBy(inner, jwk)) throw new Refusal(400, 'malformed');
    const { account: url, oldKey } = JSON.parse(inner.payload) as { account: string; oldKey: JWK };
    if (inner.header.url !== outer.header.url) throw new Refusal(400, 'malformed');
    if (url !== account.url) throw new Refusal(400, 'malformed');
    const same = (await calculateJwkThumbprint(oldKey)) === (await calculateJwkThumbprint(account.jwk));
    if (!same) throw new Refusal(400, 'malformed');
    const other = await this.#accountByKey(jwk);
    if (other) throw new Refusal(409, 'malformed', {}, { location: other.url });
    account.jwk = jwk;
    return this.#json(200, this.#accountObject(account));
  }

  #ordersList(account: FakeAccount): HttpAnswer {
    const orders = this.#orders.filter((order) => order.account === account && order.status !== 'invalid');
    const urls = orders.map(({ url }) => url);
    return this.#json(200, { orders: urls });
  }

  #newOrder(account: FakeAccount, payload: string): HttpAnswer {
    const { identifiers, notBefore, notAfter } = JSON.parse(payload) as {
      identifiers: FakeOrder['identifiers'];
      notBefore?: string;
      notAfter?: string;
    };
    const [first] = identifiers;
    const values = identifiers.map(({ value }) => value);
    if (values.length === 0 || values.some((value) => !isHostName(value))) throw new Refusal(400, 'malformed');
    if (first?.type !== 'dns') throw new Refusal(400, 'unsupportedIdentifier');
    if (notAfter !== undefined && Number.isNaN(Date.parse(notAfter))) {
      throw new Refusal(400, 'malformed');
    }
    if (Date.parse(String(notBefore)) > Date.parse(String(notAfter))) throw new Refusal(400, 'malformed');
    const number = this.#orders.length + 1;
    const order: FakeOrder = {
      url: `${this.base}/order/${number}`,
      account,
      identifiers,
      notAfter,
      status: 'pending',
      authorizations: [...new Set(values)].map((_, index) => `${this.base}/authorization/${number}-${index}`),
    };
    this.#orders.push(order);
    for (const [index, url] of order.authorizations.entries()) {
      const value = [...new Set(values)][index];
      const identifier = identifiers.find((one) => one.value === value);
      this.#authorizations.set(url, { status: 'pending', order, identifier });
    }
    return this.#json(201, this.#orderObject(order), { location: order.url });
  }

  #orderObject({ url, status, identifiers, notAfter, authorizations }: FakeOrder): Readonly<Record<string, unknown>> {
    return {
      status,
      expires: new Date(Date.now() + 86_400_000).toISOString(),
      identifiers,
      ...(notAfter === undefined ? {} : { notAfter }),
      authorizations,
      finalize: url.replace('/order/', '/finalize/'),
    };
  }

  #order(account: FakeAccount, url: string): HttpAnswer {
    const order = this.#orders.find((one) => one.url === url);
    if (!order) throw new Refusal(404, 'malformed');
    if (order.account !== account) throw new Refusal(403, 'unauthorized');
    const object = this.#orderObject(order);
    return this.#json(200, object);
  }

  /** The only one of its authorization; answering it fails, as nothing is looked at. */
  #challenge(account: FakeAccount, url: string, payload: string): HttpAnswer {
    const of = url.replace('/challenge/', '/authorization/');
    const authorization = this.#authorizations.get(of);
    if (authorization?.order.account !== account) throw new Refusal(404, 'malformed');
    if (payload !== '') {
      authorization.status = 'invalid';
      authorization.order.status = 'invalid';
    }
    const answer = this.#json(200, this.#challengeObject(of, authorization.status));
    const link = [...(answer.headers.link ?? []), `<${of}>;rel="up"`];
    return { ...answer, headers: { ...answer.headers, link } };
  }

  #challengeObject(authorization: string, of: string): Readonly<Record<string, unknown>> {
    const status = of === 'invalid' ? 'invalid' : 'pending';
    const error = { type: 'urn:ietf:params:acme:error:connection', detail: 'nothing is there' };
    return {
      type: 'http-01',
      url: authorization.replace('/authorization/', '/challenge/'),
      status,
      token: 'a-token-of-128-bits-or-more',
      ...(status === 'invalid' ? { error } : {}),
    };
  }

  #authorization(account: FakeAccount, url: string, payload: string): HttpAnswer {
    const authorization = this.#authorizations.get(url);
    if (!authorization || authorization.order.account !== account) throw new Refusal(404, 'malformed');
    const change = (payload === '' ? {} : JSON.parse(payload)) as { status?: string };
    if (change.status === 'deactivated') {
      authorization.status = 'deactivated';
      authorization.order.status = 'invalid';
    }
    const { identifier } = authorization;
    const wildcard = identifier?.value.startsWith('*.') === true;
    return this.#json(200, {
      status: authorization.status,
      identifier: { type: 'dns', value: identifier?.value.replace(/^\*\./, '') },
      challenges: [this.#challengeObject(url, authorization.status)],
      ...(wildcard ? { wildcard: true } : {}),
    });
  }
}

/** Of letters, digits and hyphens; one that begins as an A-label does can be decoded (RFC 8555 section 7.1.4). */
function isHostName(value: string): boolean {
  return value.split('.').every((label, index) => {
    const isALabel = !label.startsWith('xn--') || domainToUnicode(label) !== label;
    return /^[A-Za-z0-9-]+$/.test(label) ? isALabel : label === '*' && index === 0;
  });
}

function parseJws(text: string): Jws & { readonly unprotected: boolean; readonly several: boolean } {
  const jws = JSON.parse(text) as {
    protected?: string;
    payload: string;
    signature?: string;
    header?: unknown;
    signatures?: readonly { protected: string; signature: string }[];
  };
  const one = jws.signatures?.[0] ?? { protected: jws.protected ?? '', signature: jws.signature ?? '' };
  if (typeof jws.payload !== 'string' || !/^[\w-]*$/.test(jws.payload)) throw new Refusal(400, 'malformed');
  return {
    header: JSON.parse(Buffer.from(one.protected, 'base64url').toString('utf8')) as Jws['header'],
    payload: Buffer.from(jws.payload, 'base64url').toString('utf8'),
    input: `${one.protected}.${jws.payload}`,
    signature: one.signature,
    unprotected: jws.header !== undefined,
    several: jws.signatures !== undefined,
  };
}

function isSignedBy({ header, input, signature }: Jws, jwk: JWK): boolean {
  const key = createPublicKey({ key: { ...jwk }, format: 'jwk' });
  const digest = header.alg === 'EdDSA' ? null : 'sha256';
  return verify(digest, Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' }, Buffer.from(signature, 'base64url'));
}
