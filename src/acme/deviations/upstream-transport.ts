import { type HttpAnswer, type HttpRequest, HttpsTransport, type Transport } from '../client/transport.ts';

export interface UpstreamOptions {
  /** A URL of the CA behind. */
  readonly url: string;
  /** PEM certificates to trust instead of the system's. */
  readonly trustedRoots?: string | undefined;
}

/**
 * Forwards the proxy's requests to the CA behind it, with the Host header of the proxy. From that header a CA builds the URLs
 * of its answers, and it compares the url of a JWS with them (RFC 8555 section 6.4).
 */
export class UpstreamTransport implements Transport, AsyncDisposable {
  readonly #url: URL;
  readonly #https: HttpsTransport;

  constructor({ url, trustedRoots }: UpstreamOptions) {
    this.#url = new URL(url);
    // The certificate is for the host of the CA behind, not for the Host header.
    this.#https = new HttpsTransport({ trustedRoots, serverName: this.#url.hostname, rootsOption: '--upstream-ca' });
  }

  /** @throws NoAnswerError without a connection, beyond the time limit, or for a body that is too large */
  send(request: HttpRequest, signal?: AbortSignal): Promise<HttpAnswer> {
    const { host, pathname, search } = new URL(request.url);
    const { href } = new URL(`${pathname}${search}`, this.#url);
    return this.#https.send({ ...request, url: href, headers: { ...request.headers, host } }, signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#https[Symbol.asyncDispose]();
  }
}
