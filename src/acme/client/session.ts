import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { base64url } from 'jose';
import { UserError } from '../../user-error.ts';
import { errorType, header, inWords, jsonObject, retryAfterSeconds, succeeded } from './answer.ts';
import { type Exchange, recordExchange } from './exchange.ts';
import { noResponders, type Responders } from './responders.ts';
import {
  type AccountAlgorithm,
  type BindingFault,
  bindExternalAccount,
  createSigningKey,
  type ExternalAccount,
  type FlattenedJws,
  type ProtectedHeader,
  type SigningKey,
  signJws,
} from './signing-key.ts';
import { type HttpAnswer, type HttpRequest, NoAnswerError, type Transport } from './transport.ts';

/** A check cannot have what it needs. The check is skipped with this reason. */
export class UnmetNeed extends Error {
  override readonly name = 'UnmetNeed';
  /** The status of the refusing answer; null if none came. */
  readonly status: number | null;

  constructor(message: string, options: { status?: number; cause?: unknown } = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.status = options.status ?? null;
  }
}

/** Ends the run, with a report of the findings so far. */
export class RunEnded extends UserError {
  constructor(message: string, options: { cause?: unknown } = {}) {
    super(message, { exitCode: 3, ...options });
  }
}

export interface Account {
  readonly key: SigningKey;
  /** Its kid. */
  readonly url: string;
  /** The answer to newAccount. */
  readonly answer: HttpAnswer;
}

export interface Order {
  readonly account: Account;
  readonly url: string;
  readonly answer: HttpAnswer;
  readonly identifiers: readonly unknown[];
  readonly authorizations: readonly string[];
  readonly finalize: string;
}

export interface PostOptions {
  readonly url: string;
  /** The signer: an account signs by its kid, a key alone by its jwk (RFC 8555 section 6.2). */
  readonly by: Account | SigningKey;
  /** Sent as JSON, except for a string, which is sent unchanged: '' is POST-as-GET (section 6.3). */
  readonly payload: unknown;
  /** A fault that an honest client does not have. */
  readonly fault?: {
    /** Changes the protected header before it is signed. */
    readonly header?: (header: ProtectedHeader) => ProtectedHeader;
    /** Changes the JWS after it is signed. */
    readonly jws?: (jws: FlattenedJws) => unknown;
    readonly contentType?: string;
    /** A faulty nonce; null for none. An answer badNonce is then not retried. */
    readonly nonce?: string | null;
  };
}

export interface SessionOptions {
  readonly directoryUrl: string;
  readonly transport: Transport;
  readonly userAgent: string;
  readonly externalAccount?: ExternalAccount | undefined;
  /** For a CA that accepts each external account once: each new account gets the next. */
  readonly moreExternalAccounts?: readonly ExternalAccount[];
  /** All ordered names are below it. */
  readonly domain: string;
  /** Answer challenges. Without any, checks that need an issuance are skipped. */
  readonly responders?: Responders;
  /** Set if the user wants no issuance: the reason for skipped checks. The run is then not partial. */
  readonly withoutIssuance?: string;
  readonly maxRequests?: number;
  /** An IPv4 address without a host. Default: one for documentation; tests use loopback instead. */
  readonly unreachableAddress?: string;
  /** Makes the keys of look-ups. Tests reuse RSA keys, which take long to make. */
  readonly createKey?: typeof createSigningKey;
  /** Waits for a number of milliseconds. */
  readonly wait?: (ms: number) => Promise<unknown>;
  readonly signal?: AbortSignal | undefined;
}

const defaultMaxRequests = 1500;
/** The longest Retry-After that is waited for. */
const longestWaitSeconds = 60;
/** Some servers refuse good nonces on purpose. RFC 8555 section 6.5: a client should retry with the new one. */
const attemptsWithFreshNonce = 10;
const noAnswersInARow = 3;

/** A session with one CA: its directory, nonces, accounts and a record of every exchange. */
export class AcmeSession {
  readonly options: SessionOptions;
  readonly exchanges: Exchange[] = [];
  readonly nonces: string[] = [];
  readonly #wait: (ms: number) => Promise<unknown>;
  readonly #accounts: Account[] = [];
  readonly #formerKeys: Account[] = [];
  readonly #gone = new Set<string>();
  readonly #issued: { readonly account: Account; readonly certificate: Uint8Array }[] = [];
  readonly #valid = new Map<string, Account>();
  readonly #recorders = new AsyncLocalStorage<Exchange[]>();
  readonly #keys = new Map<string, Promise<SigningKey>>();
  readonly #unusedNonces: string[] = [];
  readonly #unusedExternalAccounts: ExternalAccount[];
  /** By thumbprint. */
  readonly #externalAccounts = new Map<string, ExternalAccount>();
  #directory: Promise<HttpAnswer> | null = null;
  #account: Promise<Account> | null = null;
  #spare: Promise<Account> | null = null;
  #stranger: Promise<Account> | null = null;
  readonly #unmet = new Set<string>();
  #order: Promise<Order> | null = null;
  #cleaning = false;
  #sent = 0;
  #withoutAnswer = 0;

  constructor(options: SessionOptions) {
    this.options = options;
    const { externalAccount, moreExternalAccounts = [] } = options;
    this.#unusedExternalAccounts = externalAccount ? [externalAccount, ...moreExternalAccounts] : [];
    this.#wait = options.wait ?? ((ms) => delay(ms, undefined, { signal: options.signal }));
  }

  /** Waits between two reads of a resource that the CA is processing (RFC 8555 section 7.5.1). */
  async waitFor(seconds: number): Promise<void> {
    await this.#wait(seconds * 1000);
  }

  /** The limit of requests, without those of the clean-up. */
  get maxRequests(): number {
    return this.options.maxRequests ?? defaultMaxRequests;
  }

  /** Sends and records one request. If the CA is busy, sends it once more after its Retry-After. */
  async send(request: HttpRequest): Promise<HttpAnswer> {
    const answer = await this.#sendOnce(request);
    if (!isBusy(answer)) return answer;
    await this.#waitAsAsked(request, answer);
    const again = await this.#sendOnce(request);
    if (isBusy(again)) throw stillBusy(request, again);
    return again;
  }

  get(url: string, method: 'GET' | 'HEAD' = 'GET'): Promise<HttpAnswer> {
    return this.send({ method, url, headers: this.#headers() });
  }

  /** The answer to the first GET of the directory. */
  directoryAnswer(): Promise<HttpAnswer> {
    this.#directory ??= this.get(this.options.directoryUrl);
    return this.#directory;
  }

  /** A URL of the directory. @throws UnmetNeed if the directory has none of this name */
  async resource(name: string): Promise<string> {
    const url = jsonObject(await this.directoryAnswer())?.[name];
    if (typeof url === 'string' && URL.canParse(url)) return url;
    throw new UnmetNeed(`the directory has no URL '${name}'`);
  }

  async meta(): Promise<Readonly<Record<string, unknown>>> {
    const meta = jsonObject(await this.directoryAnswer())?.meta;
    return typeof meta === 'object' && meta !== null ? (meta as Readonly<Record<string, unknown>>) : {};
  }

  /** @throws UnmetNeed if nothing answers challenges */
  get responders(): Responders {
    const { responders = noResponders, withoutIssuance } = this.options;
    if (withoutIssuance !== undefined) throw new UnmetNeed(withoutIssuance);
    if (Object.values(responders).every((responder) => responder === null)) {
      throw new UnmetNeed(this.#lack('nothing answers challenges: give --dns, --http-port or --tls-port'));
    }
    return responders;
  }

  #lack(problem: string): string {
    this.#unmet.add(problem);
    return problem;
  }

  /** Runs a check and records its exchanges separately from those of concurrent checks. */
  recordInto<Result>(exchanges: Exchange[], run: () => Promise<Result>): Promise<Result> {
    return this.#recorders.run(exchanges, run);
  }

  /** An unused nonce of the CA. */
  async nonce(): Promise<string> {
    const known = this.#unusedNonces.pop();
    if (known !== undefined) return known;
    const answer = await this.get(await this.resource('newNonce'), 'HEAD');
    const nonce = header(answer, 'replay-nonce');
    if (nonce === undefined) throw new UnmetNeed(`newNonce answered without a nonce: ${inWords(answer)}`);
    this.#takeOut(nonce);
    return nonce;
  }

  /** No other check may get this nonce. */
  #takeOut(nonce: string): void {
    const index = this.#unusedNonces.lastIndexOf(nonce);
    if (index >= 0) this.#unusedNonces.splice(index, 1);
  }

  /**
   * Signs and posts. Retries after badNonce with the new nonce, unless the nonce is the fault.
   *
   * @throws UnmetNeed if the CA keeps refusing nonces
   */
  async post(options: PostOptions): Promise<HttpAnswer> {
    const { fault } = options;
    const nonceIsTheFault = fault?.nonce !== undefined;
    let waited = false;
    for (let attempt = 1; ; attempt += 1) {
      const request = await this.#signed(options);
      // A check of nonces may need the nonce of the answer, so no other check gets it.
      const answer = await this.#sendOnce(request, { keepsNonce: nonceIsTheFault });
      if (isBusy(answer)) {
        if (waited) throw stillBusy(request, answer);
        waited = true;
        await this.#waitAsAsked(request, answer);
      } else if (nonceIsTheFault || errorType(answer) !== 'badNonce') {
        return answer;
      } else if (attempt >= attemptsWithFreshNonce) {
        if (this.#cleaning) return answer;
        // The refusal is about the nonce, not the request, so no check may judge it.
        throw new UnmetNeed(`the CA refused ${attempt} good nonces in a row: ${inWords(answer)}`, {
          status: answer.status,
        });
      }
    }
  }

  /** A key for look-ups of accounts that do not exist, one per name. */
  key(name: string, algorithm: AccountAlgorithm = 'ES256', rsaBits?: number): Promise<SigningKey> {
    const known = this.#keys.get(name) ?? (this.options.createKey ?? createSigningKey)(algorithm, rsaBits);
    this.#keys.set(name, known);
    return known;
  }

  /** The newAccount payload of an honest client. */
  async newAccountPayload(key: SigningKey, fault?: BindingFault): Promise<Readonly<Record<string, unknown>>> {
    const externalAccount = this.#externalAccountFor(key);
    const binding = externalAccount
      ? await bindExternalAccount(externalAccount, key, await this.resource('newAccount'), fault)
      : undefined;
    return { termsOfServiceAgreed: true, ...(binding ? { externalAccountBinding: binding } : {}) };
  }

  /** An unused external account, or the first if all are used: a CA may accept each once or often. */
  #externalAccountFor({ thumbprint }: SigningKey): ExternalAccount | undefined {
    const known = this.#externalAccounts.get(thumbprint);
    if (known !== undefined) return known;
    const chosen = this.#unusedExternalAccounts.shift() ?? this.options.externalAccount;
    if (chosen !== undefined) this.#externalAccounts.set(thumbprint, chosen);
    return chosen;
  }

  /** Whether all of several external accounts are used. The CA may then refuse the next binding for that reason. */
  get hasUsedExternalAccounts(): boolean {
    return (this.options.moreExternalAccounts ?? []).length > 0 && this.#unusedExternalAccounts.length === 0;
  }

  /** Posts to newAccount and remembers the new account for the clean-up. */
  async newAccount(key: SigningKey, payload: unknown, fault?: PostOptions['fault']): Promise<HttpAnswer> {
    const url = await this.resource('newAccount');
    const answer = await this.post({ url, by: key, payload, ...(fault ? { fault } : {}) });
    this.#remember(key, answer);
    return answer;
  }

  #remember(key: SigningKey, answer: HttpAnswer): void {
    const url = header(answer, 'location');
    if (
      succeeded(answer) &&
      url !== undefined &&
      URL.canParse(url) &&
      !this.#accounts.some((account) => account.url === url)
    ) {
      this.#accounts.push({ key, url, answer });
    }
  }

  /** Another account with a key of its own. @throws UnmetNeed if the CA creates none */
  async anotherAccount(): Promise<Account> {
    const key = await createSigningKey('ES256');
    const answer = await this.newAccount(key, await this.newAccountPayload(key));
    const account = this.#accounts.find((one) => one.key === key);
    if (account) return account;
    const { externalAccountRequired } = await this.meta();
    const hint =
      externalAccountRequired === true && !this.options.externalAccount
        ? '; it requires an external account: give --eab-kid and --eab-hmac-key-file'
        : '';
    const location = succeeded(answer) ? `, Location ${header(answer, 'location') ?? 'absent'}` : '';
    throw new UnmetNeed(`the CA created no account: ${inWords(answer)}${location}${hint}`, { status: answer.status });
  }

  /** The account that checks share. None of them may change it permanently. */
  account(): Promise<Account> {
    this.#account ??= this.shared(this.anotherAccount());
    return this.#account;
  }

  /** A second account that checks share, to spare rate limits. Replaced when a check has changed it. */
  spareAccount(): Promise<Account> {
    this.#spare ??= this.anotherAccount();
    return this.#spare;
  }

  /** An account that owns nothing, to try to reach what the others own. */
  stranger(): Promise<Account> {
    this.#stranger ??= this.anotherAccount();
    return this.#stranger;
  }

  newOrder(account: Account, payload: unknown): Promise<HttpAnswer> {
    return this.resource('newOrder').then((url) => this.post({ url, by: account, payload }));
  }

  /** The name below the domain with a label. */
  name(label: string): string {
    return `${label}.${this.options.domain}`;
  }

  /** A new order of an account. @throws UnmetNeed if the CA creates none */
  async anotherOrder(account: Account, label: string): Promise<Order> {
    return this.orderOf(account, { identifiers: [{ type: 'dns', value: this.name(label) }] });
  }

  /** A new order with a given payload. @throws UnmetNeed if the CA creates none */
  async orderOf(
    account: Account,
    payload: { readonly identifiers: readonly { readonly type: string; readonly value: string }[] } & Readonly<
      Record<string, unknown>
    >,
  ): Promise<Order> {
    const names = payload.identifiers.map(({ value }) => value).join(', ');
    const answer = await this.newOrder(account, payload);
    const url = header(answer, 'location');
    const body = jsonObject(answer);
    if (succeeded(answer) && (url === undefined || !URL.canParse(url) || !body)) {
      throw new UnmetNeed(
        `the CA accepted an order without a JSON object or without an absolute URL in Location (${url ?? 'absent'}): ${answer.status}`,
        { status: answer.status },
      );
    }
    if (!succeeded(answer) || url === undefined || !body) {
      throw new UnmetNeed(
        `the CA accepted no order for ${names}: ${inWords(answer)}; use --domain with a domain for which it issues`,
        { status: answer.status },
      );
    }
    return {
      account,
      url,
      answer,
      identifiers: Array.isArray(body.identifiers) ? body.identifiers : [],
      authorizations: urls(body.authorizations),
      finalize: typeof body.finalize === 'string' ? body.finalize : '',
    };
  }

  /** The order that checks share. None of them may change it. */
  order(): Promise<Order> {
    this.#order ??= this.shared(this.account().then((account) => this.anotherOrder(account, 'shared')));
    return this.#order;
  }

  /** What checks could not get from the CA, one sentence each. */
  get unmet(): readonly string[] {
    return [...this.#unmet];
  }

  /** Makes what several checks share. A missing answer fails only the first of them; the others are skipped. */
  async shared<Made>(made: Promise<Made>): Promise<Made> {
    try {
      return await made;
    } catch (error) {
      if (!(error instanceof UnmetNeed || error instanceof NoAnswerError)) throw error;
      if (error.message !== this.options.withoutIssuance) this.#unmet.add(error.message);
      throw error instanceof UnmetNeed ? error : new UnmetNeed(error.message, { cause: error });
    }
  }

  /** The first authorization of an order. @throws UnmetNeed if it has none */
  authorizationOf(order: Order): string {
    const [url] = order.authorizations;
    if (url !== undefined) return url;
    throw new UnmetNeed('the order has no authorization');
  }

  /** POST-as-GET (RFC 8555 section 6.3). */
  read(account: Account, url: string): Promise<HttpAnswer> {
    return this.post({ url, by: account, payload: '' });
  }

  async deactivate(account: Account): Promise<HttpAnswer> {
    const answer = await this.post({ url: account.url, by: account, payload: { status: 'deactivated' } });
    if (succeeded(answer)) this.#gone.add(account.url);
    return answer;
  }

  /** Gives an account its new key after a key change. Former keys are kept for the clean-up. */
  rekey(account: Account, key: SigningKey): Account {
    this.#spare = null;
    const changed = { ...account, key };
    const index = this.#accounts.findIndex(({ url }) => url === account.url);
    if (index >= 0) this.#accounts[index] = changed;
    this.#formerKeys.push(account);
    return changed;
  }

  /**
   * Revokes what was issued, deactivates the authorizations that are valid and the accounts that were made, also after an
   * interruption; a CA that no longer answers is not asked for each of them. @returns one sentence for each that stayed
   */
  async cleanUp(): Promise<{
    readonly deactivated: number;
    readonly revoked: number;
    readonly left: readonly string[];
  }> {
    this.#cleaning = true;
    const left: string[] = [];
    let silent: Error | null = null;
    let revoked = 0;
    const attempt = async (what: string, undo: () => Promise<HttpAnswer>): Promise<boolean> => {
      try {
        if (silent !== null) throw silent;
        const answer = await undo();
        if (succeeded(answer) || errorType(answer) === 'alreadyRevoked') return true;
        left.push(`${what}: ${inWords(answer)}.`);
      } catch (error) {
        silent = error instanceof Error ? error : new Error(String(error));
        left.push(`${what}: ${silent.message}`);
      }
      return false;
    };
    const isThere = ({ url }: Account) => !this.#gone.has(url);
    for (const { account, certificate } of this.#issued) {
      if (!isThere(account)) continue;
      const payload = { certificate: base64url.encode(certificate), reason: 5 };
      const undo = async () => this.post({ url: await this.resource('revokeCert'), by: account, payload });
      if (await attempt('A certificate was not revoked', undo)) revoked += 1;
    }
    for (const [url, account] of this.#valid) {
      if (!isThere(account)) continue;
      await attempt(`${url} was not deactivated`, () => this.deactivateAuthorization(account, url));
    }
    for (const account of this.#accounts.filter(isThere)) {
      await attempt(`${account.url} was not deactivated`, () => this.#deactivateByAnyKey(account));
    }
    return { deactivated: this.#gone.size, revoked, left };
  }

  /** Remembers an issued certificate, in DER, for the clean-up. */
  rememberIssued(account: Account, certificate: Uint8Array): void {
    this.#issued.push({ account, certificate });
  }

  /** Remembers a valid authorization for the clean-up. */
  rememberValid(account: Account, authorization: string): void {
    this.#valid.set(authorization, account);
  }

  /** RFC 8555 section 7.5.2. */
  async deactivateAuthorization(account: Account, url: string): Promise<HttpAnswer> {
    const answer = await this.post({ url, by: account, payload: { status: 'deactivated' } });
    if (succeeded(answer)) this.#valid.delete(url);
    return answer;
  }

  /** A CA may claim a key change that it has not made. */
  async #deactivateByAnyKey(account: Account): Promise<HttpAnswer> {
    const answer = await this.deactivate(account);
    if (succeeded(answer)) return answer;
    for (const former of this.#formerKeys.filter(({ url }) => url === account.url)) {
      const again = await this.deactivate(former);
      if (succeeded(again)) return again;
    }
    return answer;
  }

  #headers(): Readonly<Record<string, string>> {
    return { 'user-agent': this.options.userAgent, 'accept-language': 'en' };
  }

  async #signed({ url, by, payload, fault }: PostOptions): Promise<HttpRequest> {
    const key = 'key' in by ? by.key : by;
    const nonce = fault?.nonce === undefined ? await this.nonce() : fault.nonce;
    const honest: ProtectedHeader = {
      alg: key.algorithm,
      ...('key' in by ? { kid: by.url } : { jwk: by.publicJwk }),
      ...(nonce === null ? {} : { nonce }),
      url,
    };
    const text = typeof payload === 'string' ? payload : JSON.stringify(payload);
    const jws = await signJws(key, fault?.header?.(honest) ?? honest, text);
    return {
      method: 'POST',
      url,
      headers: { ...this.#headers(), 'content-type': fault?.contentType ?? 'application/jose+json' },
      body: JSON.stringify(fault?.jws?.(jws) ?? jws),
    };
  }

  async #sendOnce(request: HttpRequest, { keepsNonce = false } = {}): Promise<HttpAnswer> {
    const signal = this.#cleaning ? undefined : this.options.signal;
    signal?.throwIfAborted();
    const limit = this.maxRequests;
    if (this.#sent >= limit && !this.#cleaning) {
      throw new RunEnded(`The run ended at Padlock's limit of ${limit} requests.`);
    }
    this.#sent += 1;
    try {
      const answer = await this.options.transport.send(request, signal);
      this.#withoutAnswer = 0;
      this.#record(recordExchange(request, answer));
      const nonce = header(answer, 'replay-nonce');
      if (nonce !== undefined) {
        this.nonces.push(nonce);
        if (!keepsNonce) this.#unusedNonces.push(nonce);
      }
      return answer;
    } catch (error) {
      if (!(error instanceof NoAnswerError)) throw error;
      this.#record(recordExchange(request, error));
      this.#withoutAnswer += 1;
      if (this.#withoutAnswer >= noAnswersInARow) throw new RunEnded(error.message, { cause: error });
      throw error;
    }
  }

  #record(exchange: Exchange): void {
    this.exchanges.push(exchange);
    this.#recorders.getStore()?.push(exchange);
  }

  async #waitAsAsked(request: HttpRequest, answer: HttpAnswer): Promise<void> {
    const seconds = retryAfterSeconds(answer);
    if (seconds === null || seconds > longestWaitSeconds) throw stillBusy(request, answer);
    await this.#wait(seconds * 1000);
  }
}

function isBusy(answer: HttpAnswer): boolean {
  return answer.status === 429 || answer.status === 503;
}

function stillBusy(request: HttpRequest, answer: HttpAnswer): RunEnded {
  const seconds = retryAfterSeconds(answer);
  const asked = seconds === null ? 'does not say when to come back' : `asks to wait ${seconds} s`;
  return new RunEnded(
    `The CA answered ${request.method} ${request.url} with ${answer.status} and ${asked}; run again later.`,
  );
}

function urls(value: unknown): readonly string[] {
  return Array.isArray(value)
    ? value.filter((item): item is string => typeof item === 'string' && URL.canParse(item))
    : [];
}
