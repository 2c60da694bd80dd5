import { type HttpAnswer, type HttpRequest, HttpsTransport, type Transport } from '../client/transport.ts';

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
  readonly #https: HttpsTransport;

  constructor({ url, trustedRoots }: UpstreamOptions) {
    this.#url = new URL(url);
    // The certificate is that of the CA behind, not one of the Host that is sent.
    this.#https = new HttpsTransport({ trustedRoots, serverName: this.#url.hostname, rootsOption: '--upstream-ca' });
  }

  /** @throws NoAnswerError where there is no connection, no end within the time limit, or too large a body */
  send(request: HttpRequest, signal?: AbortSignal): Promise<HttpAnswer> {
    const { host, pathname, search } = new URL(request.url);
    const { href } = new URL(`${pathname}${search}`, this.#url);
    return this.#https.send({ ...request, url: href, headers: { ...request.headers, host } }, signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#https[Symbol.asyncDispose]();
  }
}
