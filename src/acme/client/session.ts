import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { base64url } from 'jose';
import { messageOf } from '../../error-message.ts';
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
  override readonly name: string = 'UnmetNeed';
  /** The status of the refusing answer; null if none came. */
  readonly status: number | null;

  constructor(message: string, options: { status?: number; cause?: unknown } = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.status = options.status ?? null;
  }
}

/** A check needs a name that the user does not let it order: that is no lack of the CA. */
export class NameNotOrdered extends UnmetNeed {}

/** The CA asks to come back later, for longer than a run waits. */
export class Busy extends UnmetNeed {}

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
  /** Of a request that an honest client repeats after a server error: it asks again twice. */
  readonly repeats?: boolean;
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
  /** Default: no limit but that of requests. An account that is only looked up does not count. */
  readonly maxAccounts?: number;
  readonly maxOrders?: number;
  /** How long a CA may take for one step: from the response to a decision, or from finalize to a certificate. */
  readonly stepSeconds?: number;
  /** The limit of the clean-up. */
  readonly cleanUpSeconds?: number;
  /** The contact of accounts that are made, as URLs (RFC 8555 section 7.3). */
  readonly contact?: readonly string[];
  /** The only names that are ordered, instead of names below the domain. */
  readonly names?: readonly string[];
  /** Whether the CA has validated these names before, so that their orders are ready at once. */
  readonly isPreValidated?: boolean;
  /** The key of an account that exists already: checks share that account, and none of them changes it. */
  readonly accountKey?: SigningKey;
  /** An IPv4 address without a host. Default: one for documentation; tests use loopback instead. */
  readonly unreachableAddress?: string;
  /** Makes the keys of look-ups. Tests reuse RSA keys, which take long to make. */
  readonly createKey?: typeof createSigningKey;
  /** Waits for a number of milliseconds. */
  readonly wait?: (ms: number) => Promise<unknown>;
  readonly signal?: AbortSignal | undefined;
}

const defaultMaxRequests = 1500;
/** RFC 8555 section 8.2: a CA that tries again after 5, 10, … and 30 s takes 105 s, and its queries come on top. */
const defaultStepSeconds = 180;
const defaultCleanUpSeconds = 60;
/** How many requests of the clean-up are under way at once. */
const cleanUpAtOnce = 4;
/** The longest Retry-After that is waited for. */
const longestWaitSeconds = 60;
/** After so many refusals for being busy in a row, a resource is left alone until the time that the CA names. */
const busyInARow = 3;
/** How often an honest request is repeated after a server error, and the pause before. */
const repeatsAfterServerError = 2;
const repeatPauseSeconds = 1;
/** Some servers refuse good nonces on purpose. RFC 8555 section 6.5: a client should retry with the new one. */
const attemptsWithFreshNonce = 10;
/** So many requests without an answer in a row, of several lanes, end the run. */
const noAnswersInARow = 6;

/** A session with one CA: its directory, nonces, accounts and a record of every exchange. */
export class AcmeSession {
  readonly options: SessionOptions;
  readonly exchanges: Exchange[] = [];
  readonly nonces: string[] = [];
  readonly #wait: (ms: number) => Promise<unknown>;
  readonly #accounts: Account[] = [];
  readonly #formerKeys: Account[] = [];
  readonly #gone = new Set<string>();
  readonly #named = new Map<string, string>();
  readonly #issued: { readonly account: Account; readonly certificate: Uint8Array }[] = [];
  readonly #valid = new Map<string, Account>();
  readonly #recorders = new AsyncLocalStorage<Set<Exchange>>();
  readonly #busy = new Map<string, { inARow: number; until: number; said: string }>();
  readonly #keys = new Map<string, Promise<SigningKey>>();
  readonly #unusedNonces: string[] = [];
  readonly #unusedExternalAccounts: ExternalAccount[];
  /** By thumbprint. */
  readonly #externalAccounts = new Map<string, ExternalAccount>();
  #directory: (() => Promise<HttpAnswer>) | null = null;
  #account: (() => Promise<Account>) | null = null;
  #spare: (() => Promise<Account>) | null = null;
  #stranger: (() => Promise<Account>) | null = null;
  readonly #unmet = new Set<string>();
  #order: (() => Promise<Order>) | null = null;
  /** Ends the clean-up at its limit; null before. */
  #cleaning: AbortSignal | null = null;
  #sent = 0;
  #accountsAsked = 0;
  #ordersAsked = 0;
  #withoutAnswer = 0;
  #serverErrors = 0;
  #clockOffsetMs = 0;

  constructor(options: SessionOptions) {
    this.options = options;
    const { externalAccount, moreExternalAccounts = [] } = options;
    this.#unusedExternalAccounts = externalAccount ? [externalAccount, ...moreExternalAccounts] : [];
    this.#wait = options.wait ?? ((ms) => delay(ms, undefined, { signal: options.signal }));
  }

  /**
   * Makes something that several checks share. Each of them gets the exchanges that made it as evidence of its own.
   *
   * @returns what every one of them calls to get it
   */
  once<Made>(make: () => Promise<Made>): () => Promise<Made> {
    const own = new Set<Exchange>();
    const made = this.#recorders.run(own, make);
    return async () => {
      try {
        return await made;
      } finally {
        this.cite(...own);
      }
    };
  }

  /** Adds exchanges to the evidence of the check that runs. */
  cite(...exchanges: readonly Exchange[]): void {
    const evidence = this.#recorders.getStore();
    for (const exchange of exchanges) evidence?.add(exchange);
  }

  /** How long a CA may take for one step, in seconds. */
  get stepSeconds(): number {
    return this.options.stepSeconds ?? defaultStepSeconds;
  }

  /** The time by the clock of the CA, as its answers tell it (RFC 9110 section 6.6.1), in milliseconds. */
  now(): number {
    return Date.now() + this.#clockOffsetMs;
  }

  /** How far the clock of the CA is ahead of this one, in seconds. */
  get clockOffsetSeconds(): number {
    return Math.round(this.#clockOffsetMs / 1000);
  }

  /** How many honest requests were answered with a server error, also where a repetition succeeded. */
  get serverErrors(): number {
    return this.#serverErrors;
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
    if (isBusy(again)) throw this.#stillBusy(request, again);
    return again;
  }

  get(url: string, method: 'GET' | 'HEAD' = 'GET'): Promise<HttpAnswer> {
    return this.send({ method, url, headers: this.#headers() });
  }

  /** The answer to the first GET of the directory. */
  directoryAnswer(): Promise<HttpAnswer> {
    this.#directory ??= this.once(() => this.get(this.options.directoryUrl));
    return this.#directory();
  }

  /** A URL of the directory. @throws UnmetNeed if the directory has none of this name */
  async resource(name: string): Promise<string> {
    // The directory is evidence of a check that looks at it, not of each that uses a URL of it.
    const url = jsonObject(await this.#recorders.run(new Set(), () => this.directoryAnswer()))?.[name];
    if (typeof url === 'string' && URL.canParse(url)) return url;
    throw new UnmetNeed(`the directory has no URL '${name}'`);
  }

  async meta(): Promise<Readonly<Record<string, unknown>>> {
    const meta = jsonObject(await this.directoryAnswer())?.meta;
    return typeof meta === 'object' && meta !== null ? (meta as Readonly<Record<string, unknown>>) : {};
  }

  /** @throws UnmetNeed if nothing answers challenges */
  get responders(): Responders {
    const { responders = noResponders, withoutIssuance, isPreValidated } = this.options;
    if (withoutIssuance !== undefined) throw new UnmetNeed(withoutIssuance);
    if (isPreValidated === true)
      throw new UnmetNeed('no challenge is answered for names that are validated beforehand');
    if (Object.values(responders).every((responder) => responder === null)) {
      throw new UnmetNeed(this.lack('nothing answers challenges: give --dns, --http-port or --tls-port'));
    }
    return responders;
  }

  /** @throws UnmetNeed if the run can make no order ready */
  needIssuance(): void {
    const { withoutIssuance, isPreValidated } = this.options;
    if (isPreValidated !== true || withoutIssuance !== undefined) void this.responders;
  }

  /** Notes what the run lacks, one sentence without its end. @returns it */
  lack(problem: string): string {
    this.#unmet.add(problem);
    return problem;
  }

  /** Runs a check and records its exchanges separately from those of concurrent checks. */
  recordInto<Result>(exchanges: Set<Exchange>, run: () => Promise<Result>): Promise<Result> {
    return this.#recorders.run(exchanges, run);
  }

  /** An unused nonce of the CA. */
  async nonce(): Promise<string> {
    const known = this.#unusedNonces.pop();
    if (known !== undefined) return known;
    const answer = await this.get(await this.resource('newNonce'), 'HEAD');
    const nonce = header(answer, 'replay-nonce');
    if (nonce === undefined) throw new UnmetNeed(this.lack(`newNonce answered without a nonce: ${inWords(answer)}`));
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
    this.#keepValidation(options);
    const nonceIsTheFault = fault?.nonce !== undefined;
    let waited = false;
    let repeated = 0;
    for (let attempt = 1; ; attempt += 1) {
      const request = await this.#signed(options);
      // A check of nonces may need the nonce of the answer, so no other check gets it.
      let answer: HttpAnswer;
      try {
        answer = await this.#sendOnce(request, { keepsNonce: nonceIsTheFault });
      } catch (error) {
        const isRepeated = error instanceof NoAnswerError && options.repeats === true && this.#cleaning === null;
        if (!isRepeated || repeated >= repeatsAfterServerError) throw error;
        this.#serverErrors += 1;
        repeated += 1;
        await this.waitFor(repeatPauseSeconds);
        continue;
      }
      if (isBusy(answer)) {
        if (waited) throw this.#stillBusy(request, answer);
        waited = true;
        await this.#waitAsAsked(request, answer);
      } else if (options.repeats === true && answer.status >= 500) {
        this.#serverErrors += 1;
        if (repeated >= repeatsAfterServerError || this.#cleaning !== null) return answer;
        repeated += 1;
        await this.waitFor(repeatPauseSeconds);
      } else if (nonceIsTheFault || errorType(answer) !== 'badNonce') {
        return answer;
      } else if (attempt >= attemptsWithFreshNonce) {
        if (this.#cleaning !== null) return answer;
        // The refusal is about the nonce, not the request, so no check may judge it.
        throw new UnmetNeed(`the CA refused ${attempt} good nonces in a row: ${inWords(answer)}`, {
          status: answer.status,
        });
      }
    }
  }

  /** A validation that was made beforehand is not of this run, and may be hard to repeat. */
  #keepValidation({ url, payload }: PostOptions): void {
    const isDeactivation = (payload as { readonly status?: unknown } | null)?.status === 'deactivated';
    const isOfAccount = this.#accounts.some((account) => account.url === url);
    if (isDeactivation && !isOfAccount && this.options.isPreValidated === true) {
      throw new UnmetNeed('authorizations that are valid beforehand are not deactivated');
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
    const { contact } = this.options;
    return {
      termsOfServiceAgreed: true,
      ...(contact === undefined ? {} : { contact }),
      ...(binding ? { externalAccountBinding: binding } : {}),
    };
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

  /**
   * Posts to newAccount and remembers the new account for the clean-up.
   *
   * @throws UnmetNeed if it would be one account too many
   */
  async newAccount(
    key: SigningKey,
    payload: unknown,
    options: Pick<PostOptions, 'fault' | 'repeats'> = {},
  ): Promise<HttpAnswer> {
    const url = await this.resource('newAccount');
    const isLookUp = (payload as { readonly onlyReturnExisting?: unknown } | null)?.onlyReturnExisting === true;
    const isKnown = this.#accounts.some((account) => account.key.thumbprint === key.thumbprint);
    if (!isLookUp && !isKnown) {
      const { maxAccounts } = this.options;
      if (maxAccounts !== undefined && this.#accountsAsked >= maxAccounts) {
        throw new UnmetNeed(`it needs one more account than --max-accounts ${maxAccounts} allows`);
      }
      this.#accountsAsked += 1;
    }
    const answer = await this.post({ url, by: key, payload, ...options });
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
    const answer = await this.newAccount(key, await this.newAccountPayload(key), { repeats: true });
    const account = this.#accounts.find((one) => one.key === key);
    if (account) return account;
    const { externalAccountRequired } = await this.meta();
    const hint =
      externalAccountRequired === true && !this.options.externalAccount
        ? '; it requires an external account: give --eab-kid and --eab-hmac-key-file'
        : this.options.contact === undefined && mentionsContact(answer)
          ? '; if it requires a contact, give --contact mailto:NAME@DOMAIN'
          : this.options.externalAccount !== undefined && !succeeded(answer) && answer.status < 500
            ? '; the external account (--eab-kid) may be used up, expired or disabled'
            : '';
    const location = succeeded(answer) ? `, Location ${header(answer, 'location') ?? 'absent'}` : '';
    throw new UnmetNeed(`the CA created no account: ${inWords(answer)}${location}${hint}`, { status: answer.status });
  }

  /** The account that checks share. None of them may change it permanently. */
  account(): Promise<Account> {
    this.#account ??= this.once(() => this.shared(this.#existingAccount() ?? this.anotherAccount()));
    return this.#account();
  }

  /** The account of the user's key; null without one. @throws UnmetNeed if the CA has no account of this key */
  #existingAccount(): Promise<Account> | null {
    const { accountKey: key } = this.options;
    if (key === undefined) return null;
    return this.newAccount(key, { onlyReturnExisting: true }, { repeats: true }).then((answer) => {
      const account = this.#accounts.find((one) => one.key === key);
      if (account) return account;
      throw new UnmetNeed(`the CA has no account of --account-key: ${inWords(answer)}`, { status: answer.status });
    });
  }

  /** A second account that checks share, to spare rate limits. Replaced when a check has changed it. */
  spareAccount(): Promise<Account> {
    this.#spare ??= this.once(() => this.anotherAccount());
    return this.#spare();
  }

  /** Makes the next {@link spareAccount} a new one, as the CA has changed the present one. */
  replaceSpareAccount(): void {
    this.#spare = null;
  }

  /** An account that owns nothing, to try to reach what the others own. */
  stranger(): Promise<Account> {
    this.#stranger ??= this.once(() => this.anotherAccount());
    return this.#stranger();
  }

  /** Posts to newOrder. @throws UnmetNeed if it would be one order too many */
  async newOrder(account: Account, payload: unknown, options: Pick<PostOptions, 'repeats'> = {}): Promise<HttpAnswer> {
    const url = await this.resource('newOrder');
    const { maxOrders, names } = this.options;
    const other = names === undefined ? undefined : valuesOf(payload).find((value) => !names.includes(value));
    if (other !== undefined)
      throw new NameNotOrdered(`it needs an order for ${other}, which is not among the names to order`);
    if (maxOrders !== undefined && this.#ordersAsked >= maxOrders) {
      throw new UnmetNeed(`it needs one more order than --max-orders ${maxOrders} allows`);
    }
    this.#ordersAsked += 1;
    return this.post({ url, by: account, payload, ...options });
  }

  /** The name below the domain with a label. If only some names may be ordered, the labels get these in turn. */
  name(label: string): string {
    const { names = [], domain } = this.options;
    const [next] = names.slice(this.#named.size % Math.max(names.length, 1));
    // A label that is the matter of a check has no stand-in.
    if (next === undefined || !/^[a-z0-9-]+$/.test(label) || label.startsWith('xn--')) return `${label}.${domain}`;
    const known = this.#named.get(label) ?? next;
    this.#named.set(label, known);
    return known;
  }

  /** Names that differ. @throws UnmetNeed if fewer names may be ordered */
  names<const Labels extends readonly string[]>(labels: Labels): { readonly [Index in keyof Labels]: string } {
    const names = labels.map((label) => this.name(label));
    if (new Set(names).size === names.length) return names as { readonly [Index in keyof Labels]: string };
    throw new NameNotOrdered(`it needs ${labels.length} different names, and fewer may be ordered`);
  }

  /** A name below the domain that is in no order. */
  notOrderedName(label: string): string {
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
    const { identifiers: _, ...more } = payload;
    const others = Object.keys(more).length === 0 ? '' : ` with ${Object.keys(more).join(' and ')}`;
    const hint =
      others === '' ? '; use --domain with a domain for which it issues, or --name with names that it knows' : '';
    const answer = await this.newOrder(account, payload, { repeats: true });
    const url = header(answer, 'location');
    const body = jsonObject(answer);
    if (succeeded(answer) && (url === undefined || !URL.canParse(url) || !body)) {
      throw new UnmetNeed(
        `the CA accepted an order without a JSON object or without an absolute URL in Location (${url ?? 'absent'}): ${answer.status}`,
        { status: answer.status },
      );
    }
    if (!succeeded(answer) || url === undefined || !body) {
      throw new UnmetNeed(`the CA accepted no order for ${names}${others}: ${inWords(answer)}${hint}`, {
        status: answer.status,
      });
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
    this.#order ??= this.once(() =>
      this.shared(this.account().then((account) => this.anotherOrder(account, 'shared'))),
    );
    return this.#order();
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
      const isWanted = error.message === this.options.withoutIssuance || error instanceof NameNotOrdered;
      if (!isWanted) this.#unmet.add(error.message);
      throw error instanceof UnmetNeed ? error : new UnmetNeed(error.message, { cause: error });
    }
  }

  /** The first authorization of an order. @throws UnmetNeed if it has none */
  authorizationOf(order: Order): string {
    const [url] = order.authorizations;
    if (url !== undefined) return url;
    throw new UnmetNeed('the order has no authorization');
  }

  /** POST-as-GET (RFC 8555 section 6.3). A server error is no answer to it, so it is read again. */
  read(account: Account, url: string): Promise<HttpAnswer> {
    return this.post({ url, by: account, payload: '', repeats: true });
  }

  async deactivate(account: Account): Promise<HttpAnswer> {
    const answer = await this.post({ url: account.url, by: account, payload: { status: 'deactivated' } });
    if (succeeded(answer)) this.#gone.add(account.url);
    return answer;
  }

  /** Leaves an account out of the clean-up, as the CA has deactivated it. */
  forget(account: Account): void {
    this.#gone.add(account.url);
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

  /** What would be left if the run ended here: one sentence for each account, certificate and valid authorization. */
  get leftBehind(): readonly string[] {
    const isThere = ({ url }: Account) => !this.#gone.has(url);
    const { issued, valid, accounts } = this.#leftovers(isThere);
    return [
      ...issued.map(({ account }) => `A certificate of ${account.url} is not revoked.`),
      ...valid.map(([url]) => `The authorization ${url} is not deactivated.`),
      ...accounts.map(({ url }) => `The account ${url} is not deactivated.`),
    ];
  }

  #leftovers(isThere: (account: Account) => boolean) {
    return {
      issued: this.#issued.filter(({ account }) => isThere(account)),
      valid: [...this.#valid].filter(([, account]) => isThere(account)),
      accounts: this.#accounts.filter((account) => isThere(account) && account.key !== this.options.accountKey),
    };
  }

  /** The limit of the clean-up, in seconds. */
  get cleanUpSeconds(): number {
    return this.options.cleanUpSeconds ?? defaultCleanUpSeconds;
  }

  /**
   * Revokes what was issued, deactivates the authorizations that are valid and the accounts that were made, also after an
   * interruption, within {@link cleanUpSeconds}. A CA that no longer answers is not asked for each of them.
   *
   * @returns one sentence for each that stayed
   */
  async cleanUp(): Promise<{
    readonly deactivated: number;
    readonly revoked: number;
    readonly left: readonly string[];
  }> {
    const limit = AbortSignal.timeout(this.cleanUpSeconds * 1000);
    this.#cleaning = limit;
    const left: string[] = [];
    let silent: Error | null = null;
    let revoked = 0;
    const attempt = async (what: string, undo: () => Promise<HttpAnswer>): Promise<boolean> => {
      try {
        if (limit.aborted) {
          left.push(`${what}: the limit of the clean-up, ${this.cleanUpSeconds} s, was reached.`);
          return false;
        }
        if (silent !== null) throw silent;
        const answer = await undo();
        if (succeeded(answer) || errorType(answer) === 'alreadyRevoked') return true;
        left.push(`${what}: ${inWords(answer)}.`);
      } catch (error) {
        const isSilent = error instanceof NoAnswerError || error instanceof RunEnded;
        if (isSilent && this.#withoutAnswer >= noAnswersInARow) silent = error;
        const reason = limit.aborted
          ? `the limit of the clean-up, ${this.cleanUpSeconds} s, was reached.`
          : messageOf(error);
        left.push(`${what}: ${reason.endsWith('.') ? reason : `${reason}.`}`);
      }
      return false;
    };
    const isThere = ({ url }: Account) => !this.#gone.has(url);
    const { issued, valid, accounts } = this.#leftovers(isThere);
    await eachOf(issued, async ({ account, certificate }) => {
      const payload = { certificate: base64url.encode(certificate) };
      const undo = async () => this.post({ url: await this.resource('revokeCert'), by: account, payload });
      if (await attempt(`A certificate of ${account.url} was not revoked`, undo)) revoked += 1;
    });
    await eachOf(valid, async ([url, account]) => {
      await attempt(`The authorization ${url} was not deactivated`, () => this.deactivateAuthorization(account, url));
    });
    await eachOf(accounts, async (account) => {
      await attempt(`The account ${account.url} was not deactivated`, () => this.#deactivateByAnyKey(account));
    });
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
    const signal = this.#cleaning ?? this.options.signal;
    signal?.throwIfAborted();
    const limit = this.maxRequests;
    if (this.#sent >= limit && this.#cleaning === null) {
      throw new RunEnded(`The run ended at its limit of ${limit} requests; --max-requests sets another.`);
    }
    const { origin, pathname } = new URL(request.url);
    const busy = this.#busy.get(`${origin}${pathname}`);
    if (busy !== undefined && busy.inARow >= busyInARow && Date.now() < busy.until) throw new Busy(busy.said);
    this.#sent += 1;
    try {
      const answer = await this.options.transport.send(request, signal);
      this.#withoutAnswer = 0;
      this.#record(recordExchange(request, answer));
      this.#readClock(answer);
      if (!isBusy(answer)) this.#busy.delete(`${origin}${pathname}`);
      const nonce = header(answer, 'replay-nonce');
      if (nonce !== undefined) {
        this.nonces.push(nonce);
        if (!keepsNonce) this.#unusedNonces.push(nonce);
      }
      return withWholeLocation(answer, request.url);
    } catch (error) {
      if (!(error instanceof NoAnswerError) || this.#cleaning?.aborted) throw error;
      this.#record(recordExchange(request, error));
      this.#withoutAnswer += 1;
      if (this.#withoutAnswer >= noAnswersInARow) throw new RunEnded(error.message, { cause: error });
      throw error;
    }
  }

  #record(exchange: Exchange): void {
    this.exchanges.push(exchange);
    this.cite(exchange);
  }

  /** The Date of an answer has whole seconds, and an answer takes its time: less than that is no difference. */
  #readClock(answer: HttpAnswer): void {
    const date = Date.parse(header(answer, 'date') ?? '');
    if (Number.isNaN(date)) return;
    const offset = date - Date.now();
    this.#clockOffsetMs = Math.abs(offset) < leastClockOffsetMs ? 0 : offset;
  }

  async #waitAsAsked(request: HttpRequest, answer: HttpAnswer): Promise<void> {
    const seconds = retryAfterSeconds(answer, this.now());
    if (seconds === null || seconds > longestWaitSeconds || this.#cleaning !== null)
      throw this.#stillBusy(request, answer);
    await this.#wait(seconds * 1000);
  }

  /**
   * One refusal costs what asked for it. A resource that keeps refusing is left alone until the time that the CA names. Without
   * directory and nonces there is no run.
   */
  #stillBusy(request: HttpRequest, answer: HttpAnswer): Error {
    const { url, method } = request;
    const seconds = retryAfterSeconds(answer, this.now());
    const asked = seconds === null ? 'does not say when to come back' : `asks to wait ${seconds} s`;
    const what = errorType(answer) === null ? String(answer.status) : inWords(answer);
    const said = `the CA answered ${method} ${url} with ${what} and ${asked}`;
    const isNeeded = method !== 'POST';
    if (isNeeded) return new RunEnded(`${said.replace(/^t/, 'T')}; run again later.`);
    const { origin, pathname } = new URL(url);
    const inARow = (this.#busy.get(`${origin}${pathname}`)?.inARow ?? 0) + 1;
    const until = Date.now() + (seconds ?? longestWaitSeconds) * 1000;
    this.#busy.set(`${origin}${pathname}`, { inARow, until, said });
    return new Busy(said, { status: answer.status });
  }
}

/** A smaller difference between two clocks is not looked at. */
const leastClockOffsetMs = 5_000;

function isBusy(answer: HttpAnswer): boolean {
  return answer.status === 429 || answer.status === 503;
}

/** The values of the identifiers in a payload of newOrder. */
function valuesOf(payload: unknown): readonly string[] {
  const { identifiers } = (payload ?? {}) as { readonly identifiers?: unknown };
  return Array.isArray(identifiers) ? identifiers.map(({ value }: { value?: unknown }) => String(value)) : [];
}

/** Whether a refusal of an account is about its contact. */
function mentionsContact(answer: HttpAnswer): boolean {
  return (
    ['invalidContact', 'unsupportedContact'].includes(errorType(answer) ?? '') || /contact|e-?mail/i.test(answer.body)
  );
}

/** Runs a step for each item, some at once. */
async function eachOf<Item>(items: readonly Item[], step: (item: Item) => Promise<void>): Promise<void> {
  const waiting = [...items];
  const inTurn = async () => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await step(item);
  };
  await Promise.all(Array.from({ length: cleanUpAtOnce }, inTurn));
}

function urls(value: unknown): readonly string[] {
  return Array.isArray(value)
    ? value.filter((item): item is string => typeof item === 'string' && URL.canParse(item))
    : [];
}

/** The answer with a Location that is a reference to the URL of the request made whole: RFC 9110 section 10.2.2 permits both. */
function withWholeLocation(answer: HttpAnswer, url: string): HttpAnswer {
  const location = header(answer, 'location');
  if (location === undefined || URL.canParse(location) || !URL.canParse(location, url)) return answer;
  return { ...answer, headers: { ...answer.headers, location: [new URL(location, url).href] } };
}
