import { randomUUID } from 'node:crypto';
import { calculateJwkThumbprint, type JWK } from 'jose';
import { header, jsonObject, succeeded } from '../client/answer.ts';
import type { Forward, HttpAnswer, HttpRequest } from '../client/transport.ts';
import { readJws, readSigned } from './signed-request.ts';

/** The kinds of resources of a CA (RFC 8555 section 7.1, RFC 9773). */
export type ResourceKind =
  | 'directory'
  | 'newNonce'
  | 'newAccount'
  | 'newOrder'
  | 'newAuthz'
  | 'revokeCert'
  | 'keyChange'
  | 'renewalInfo'
  | 'account'
  | 'orders'
  | 'order'
  | 'authorization'
  | 'challenge'
  | 'finalize'
  | 'certificate';

const directoryNames = [
  'newNonce',
  'newAccount',
  'newOrder',
  'newAuthz',
  'revokeCert',
  'keyChange',
  'renewalInfo',
] as const;

/** What the CA behind has answered so far, so that a deviation can recognize requests and answer as the CA would. */
export class Conversation {
  /** The memory of the deviation. */
  readonly memory = new Map<string, unknown>();
  readonly #forward: Forward;
  readonly #directoryUrl: string;
  readonly #kinds = new Map<string, ResourceKind>();
  readonly #resources = new Map<string, string>();
  readonly #owners = new Map<string, string>();
  readonly #parents = new Map<string, string>();
  readonly #lastGood = new Map<string, HttpAnswer>();
  readonly #accounts = new Map<string, string>();
  readonly #thumbprints = new Map<string, string>();
  readonly #issuedNonces = new Set<string>();
  readonly #invented = new Set<string>();

  constructor(directoryUrl: string, forward: Forward) {
    this.#directoryUrl = directoryUrl;
    this.#forward = forward;
    this.#kinds.set(directoryUrl, 'directory');
  }

  /** The kind of a URL; null if no answer of the CA has named it. */
  kindOf(url: string): ResourceKind | null {
    const known = this.#kinds.get(url);
    if (known !== undefined) return known;
    const renewalInfo = this.#resources.get('renewalInfo');
    return renewalInfo !== undefined && url.startsWith(`${renewalInfo}/`) ? 'renewalInfo' : null;
  }

  /** Whether a request goes to a resource of one of these kinds. */
  isFor(request: HttpRequest, ...kinds: readonly ResourceKind[]): boolean {
    const kind = this.kindOf(request.url);
    return kind !== null && kinds.includes(kind);
  }

  /** A URL of the directory. */
  resource(name: ResourceKind): string | undefined {
    return this.#resources.get(name);
  }

  /** The URL of the account that owns a resource. */
  ownerOf(url: string): string | undefined {
    return this.#owners.get(url);
  }

  /** The order of an authorization, finalize or certificate URL, the authorization of a challenge. */
  parentOf(url: string): string | undefined {
    return this.#parents.get(url);
  }

  /** The last successful answer to a POST to this URL; for an order its newest object, also from newOrder or finalize. */
  lastGood(url: string): HttpAnswer | undefined {
    return this.#lastGood.get(url);
  }

  /** The URL of the account of a key, if it was created in this conversation. */
  async accountOf(jwk: unknown): Promise<string | undefined> {
    return this.#accounts.get(await thumbprint(jwk));
  }

  /** Whether an account has this key. */
  async isKeyOf(account: string, jwk: unknown): Promise<boolean> {
    return this.#thumbprints.get(account) === (await thumbprint(jwk));
  }

  /** Whether the CA has issued this nonce. */
  hasIssued(nonce: unknown): boolean {
    return typeof nonce === 'string' && this.#issuedNonces.has(nonce);
  }

  /** A new URL for an object that the deviation pretends to have created. */
  invent(below: ResourceKind, kind: ResourceKind): string {
    const url = `${this.#resources.get(below) ?? this.#directoryUrl}/${randomUUID()}`;
    this.#kinds.set(url, kind);
    this.#invented.add(url);
    return url;
  }

  /** Whether the deviation only pretends that this object exists. */
  isInvented(url: unknown): boolean {
    return typeof url === 'string' && this.#invented.has(url);
  }

  /** An answer of the deviation itself, with a valid nonce and the index link. */
  async answer(
    status: number,
    object: Readonly<Record<string, unknown>>,
    headers: HttpAnswer['headers'] = {},
  ): Promise<HttpAnswer> {
    const nonce = await this.freshNonce();
    return {
      status,
      headers: {
        'content-type': ['application/json; charset=utf-8'],
        'cache-control': ['no-store'],
        link: [`<${this.#directoryUrl}>;rel="index"`],
        ...(nonce === undefined ? {} : { 'replay-nonce': [nonce] }),
        ...headers,
      },
      body: JSON.stringify(object),
    };
  }

  /** An ACME error of the deviation itself (RFC 8555 section 6.7), with a valid nonce. */
  problem(status: number, type: string, detail: string, headers: HttpAnswer['headers'] = {}): Promise<HttpAnswer> {
    return this.answer(
      status,
      { type: `urn:ietf:params:acme:error:${type}`, detail, status },
      { 'content-type': ['application/problem+json'], ...headers },
    );
  }

  /** The last successful answer to this URL, with a valid nonce; null without one. */
  async lastGoodAgain(url: string): Promise<HttpAnswer | null> {
    const answer = this.#lastGood.get(url);
    if (answer === undefined) return null;
    const nonce = await this.freshNonce();
    return { ...answer, headers: { ...answer.headers, ...(nonce === undefined ? {} : { 'replay-nonce': [nonce] }) } };
  }

  async freshNonce(): Promise<string | undefined> {
    const url = this.#resources.get('newNonce');
    if (url === undefined) return undefined;
    // RFC 8555 section 6.1: clients send a User-Agent.
    const headers = { 'user-agent': 'padlock (deviant server)' };
    const nonce = header(await this.#forward({ method: 'HEAD', url, headers }), 'replay-nonce');
    if (nonce !== undefined) this.#issuedNonces.add(nonce);
    return nonce;
  }

  /** Learns from an unchanged answer of the CA behind. */
  async learn(request: HttpRequest, answer: HttpAnswer): Promise<void> {
    const nonce = header(answer, 'replay-nonce');
    if (nonce !== undefined) this.#issuedNonces.add(nonce);
    if (!succeeded(answer)) return;
    const kind = this.kindOf(request.url);
    const object = jsonObject(answer) ?? {};
    if (kind === 'directory') return this.#learnDirectory(object);
    const signed = readSigned(request);
    if (signed === null) return;
    const location = header(answer, 'location');
    const by = typeof signed.header.kid === 'string' ? signed.header.kid : undefined;
    if (kind === 'newAccount' && location !== undefined) {
      await this.#learnKey(location, signed.header.jwk);
      this.#learnAccount(location, object);
      this.#lastGood.set(location, answer);
    } else if (kind === 'keyChange' && by !== undefined) {
      await this.#learnKey(by, readJws(signed.payload)?.header.jwk);
    } else if (kind === 'account') this.#learnAccount(request.url, object);
    else if (kind === 'newOrder' && location !== undefined) {
      this.#learnOrder(location, object, by);
      this.#lastGood.set(location, { ...answer, status: 200 });
    } else if (kind === 'order') this.#learnOrder(request.url, object, by);
    else if (kind === 'finalize') {
      const order = this.#parents.get(request.url);
      if (order !== undefined) {
        this.#learnOrder(order, object, by);
        this.#lastGood.set(order, answer);
      }
    } else if (kind === 'authorization') this.#learnAuthorization(request.url, object, by);
    this.#lastGood.set(request.url, answer);
  }

  #learnDirectory(directory: Readonly<Record<string, unknown>>): void {
    for (const name of directoryNames) {
      const url = directory[name];
      if (typeof url !== 'string') continue;
      this.#resources.set(name, url);
      this.#kinds.set(url, name);
    }
  }

  async #learnKey(account: string, jwk: unknown): Promise<void> {
    const key = await thumbprint(jwk);
    const before = this.#thumbprints.get(account);
    if (before !== undefined) this.#accounts.delete(before);
    this.#thumbprints.set(account, key);
    this.#accounts.set(key, account);
  }

  #learnAccount(url: string, { orders }: Readonly<Record<string, unknown>>): void {
    this.#set(url, 'account', url, undefined);
    this.#set(orders, 'orders', url, url);
  }

  #learnOrder(url: string, order: Readonly<Record<string, unknown>>, by: string | undefined): void {
    this.#set(url, 'order', by, undefined);
    this.#set(order.finalize, 'finalize', by, url);
    this.#set(order.certificate, 'certificate', by, url);
    for (const authorization of Array.isArray(order.authorizations) ? order.authorizations : []) {
      this.#set(authorization, 'authorization', by, url);
    }
  }

  #learnAuthorization(url: string, { challenges }: Readonly<Record<string, unknown>>, by: string | undefined): void {
    for (const challenge of Array.isArray(challenges) ? challenges : []) {
      this.#set((challenge as { url?: unknown } | null)?.url, 'challenge', by, url);
    }
  }

  #set(url: unknown, kind: ResourceKind, owner: string | undefined, parent: string | undefined): void {
    if (typeof url !== 'string') return;
    this.#kinds.set(url, kind);
    if (owner !== undefined && !this.#owners.has(url)) this.#owners.set(url, owner);
    if (parent !== undefined) this.#parents.set(url, parent);
  }
}

/** RFC 7638. */
export async function thumbprint(jwk: unknown): Promise<string> {
  try {
    return await calculateJwkThumbprint(jwk as JWK);
  } catch {
    return '';
  }
}
