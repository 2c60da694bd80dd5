import { Agent, buildConnector, request as undiciRequest } from 'undici';
import { defaultLimits, type HttpAnswer, type HttpRequest, NoAnswerError, type Transport } from '../transport.ts';

export interface UpstreamOptions {
  /** A URL of the CA behind. */
  readonly url: string;
  /** PEM certificates that are trusted instead of the system's. */
  readonly trustedRoots?: string | undefined;
}

/**
 * Sends requests that are for the proxy to the CA behind it, with the Host of the proxy: from that a CA makes the URLs of its
 * answers, and with it compares the url of a JWS (RFC 8555 section 6.4).
 */
export class UpstreamTransport implements Transport, AsyncDisposable {
  readonly #url: URL;
  readonly #agent: Agent;

  constructor({ url, trustedRoots }: UpstreamOptions) {
    this.#url = new URL(url);
    const connect = buildConnector(trustedRoots === undefined ? {} : { ca: trustedRoots });
    const servername = this.#url.hostname;
    this.#agent = new Agent({
      // The certificate is that of the CA behind, not one of the Host that is sent.
      connect: (options, callback) => connect({ ...options, servername }, callback),
      maxResponseSize: defaultLimits.bodyBytes,
      headersTimeout: defaultLimits.requestMs,
      bodyTimeout: defaultLimits.requestMs,
    });
  }

  /** @throws NoAnswerError where there is no connection, no end within the time limit, or too large a body */
  async send({ method, url, headers, body }: HttpRequest, signal?: AbortSignal): Promise<HttpAnswer> {
    const { host, pathname, search } = new URL(url);
    const to = new URL(`${pathname}${search}`, this.#url);
    try {
      const answer = await undiciRequest(to, {
        method,
        headers: { ...headers, host },
        body: body ?? null,
        dispatcher: this.#agent,
        ...(signal ? { signal } : {}),
      });
      const answered = Object.entries(answer.headers).flatMap(([name, value]) =>
        value === undefined ? [] : [[name.toLowerCase(), typeof value === 'string' ? [value] : value] as const],
      );
      return { status: answer.statusCode, headers: Object.fromEntries(answered), body: await answer.body.text() };
    } catch (cause) {
      const said = cause instanceof Error ? cause.message.split('\n')[0] : String(cause);
      const code = cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : '';
      throw new NoAnswerError(`${method} ${to} got no answer: ${said}${code}.`, { cause });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#agent.destroy();
  }
}
