import { Agent, buildConnector, request as undiciRequest } from 'undici';
import { UserError } from '../../user-error.ts';

/** One HTTP request to a CA. */
export interface HttpRequest {
  readonly method: 'GET' | 'HEAD' | 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** An HTTP answer. Names of header fields are in lower case, and each field has all its values. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, readonly string[]>>;
  readonly body: string;
}

/** How the client reaches the CA. The only place where tests replace the network. */
export interface Transport {
  send(request: HttpRequest, signal?: AbortSignal): Promise<HttpAnswer>;
}

/** Sends a request on to the CA behind a deviation. */
export type Forward = (request: HttpRequest) => Promise<HttpAnswer>;

/** The CA gave no usable HTTP answer. The message is a sentence that names the request and the reason. */
export class NoAnswerError extends UserError {
  constructor(message: string, options: { cause?: unknown } = {}) {
    super(message, { exitCode: 3, ...options });
  }
}

export interface TransportLimits {
  /** The time until an answer is complete, in milliseconds. */
  readonly requestMs: number;
  /** The size of a body. */
  readonly bodyBytes: number;
}

const defaultLimits: TransportLimits = { requestMs: 30_000, bodyBytes: 1_048_576 };

export interface TransportOptions {
  /** PEM certificates to trust instead of the system's. */
  readonly trustedRoots?: string | undefined;
  /** The name that the certificate must have. Default: the host of the request. */
  readonly serverName?: string;
  /** The option for roots, named in the error about an untrusted certificate. Default: --ca-bundle. */
  readonly rootsOption?: string;
  readonly limits?: TransportLimits;
}

/** HTTPS to a CA. It never follows a redirect: a JWS is bound to its URL (RFC 8555 section 6.4). */
export class HttpsTransport implements Transport, AsyncDisposable {
  readonly #agent: Agent;
  readonly #rootsOption: string;
  readonly #limits: TransportLimits;

  constructor({
    trustedRoots,
    serverName,
    rootsOption = '--ca-bundle',
    limits = defaultLimits,
  }: TransportOptions = {}) {
    const ca = trustedRoots === undefined ? {} : { ca: trustedRoots };
    const toServer = buildConnector({ ...ca, allowH2: false });
    // A server that closes idle connections sooner would leave some requests without an answer.
    const keepAliveTimeout = 1_000;
    // HTTP/1.1: in undici 8.12.4 nothing handles the error of an interrupted HTTP/2 stream, which ends the process.
    this.#agent = new Agent({
      allowH2: false,
      keepAliveTimeout,
      // Otherwise undici takes the name from the Host header of the request.
      connect:
        serverName === undefined ? ca : (options, done) => toServer({ ...options, servername: serverName }, done),
    });
    this.#rootsOption = rootsOption;
    this.#limits = limits;
  }

  /** @throws NoAnswerError without a connection, beyond the time limit, or for a body that is too large */
  async send(request: HttpRequest, stop?: AbortSignal): Promise<HttpAnswer> {
    const what = `${request.method} ${request.url}`;
    const limit = AbortSignal.timeout(this.#limits.requestMs);
    const signal = stop ? AbortSignal.any([stop, limit]) : limit;
    const send = () =>
      undiciRequest(request.url, {
        method: request.method,
        headers: request.headers,
        body: request.body ?? null,
        dispatcher: this.#agent,
        signal,
      });
    try {
      const answer = await send().catch((cause: unknown) => {
        // A server may close an idle connection just as it is used again. RFC 9110 section 9.2.2: only what changes nothing is
        // sent once more.
        if (request.method !== 'POST' && codeOf(cause) === 'UND_ERR_SOCKET') return send();
        throw cause;
      });
      const body = await textAtMost(answer.body, this.#limits.bodyBytes, what);
      return { status: answer.statusCode, headers: headerValues(answer.headers), body };
    } catch (cause) {
      if (cause instanceof NoAnswerError || stop?.aborted) throw cause;
      if (limit.aborted) {
        throw new NoAnswerError(`${what} got no complete answer within ${this.#limits.requestMs / 1000} s.`, {
          cause,
        });
      }
      throw new NoAnswerError(`${what} got no answer: ${reasonOf(cause, this.#rootsOption)}`, { cause });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#agent.destroy();
  }
}

async function textAtMost(body: AsyncIterable<Uint8Array>, limit: number, what: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > limit) throw new NoAnswerError(`${what} got an answer with a body of more than ${limit} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function headerValues(headers: Readonly<Record<string, string | string[] | undefined>>): HttpAnswer['headers'] {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name.toLowerCase(), typeof value === 'string' ? [value] : value]],
    ),
  );
}

const trustErrors = new Set([
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'CERT_SIGNATURE_FAILURE',
]);

function codeOf(cause: unknown): string {
  return cause instanceof Error && 'code' in cause ? String(cause.code) : '';
}

function reasonOf(cause: unknown, rootsOption: string): string {
  const code = codeOf(cause);
  if (trustErrors.has(code)) {
    return `its TLS certificate is not trusted (${code}); use ${rootsOption} with the CA's root.`;
  }
  if (code === 'ENOTFOUND') return 'its host name is unknown (ENOTFOUND).';
  if (code === 'ECONNREFUSED') return 'the connection was refused (ECONNREFUSED).';
  const message = cause instanceof Error ? cause.message.split('\n')[0] : String(cause);
  return `${message}${code && !message?.includes(code) ? ` (${code})` : ''}.`;
}
