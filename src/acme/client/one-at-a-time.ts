import type { HttpAnswer, HttpRequest, Transport } from './transport.ts';

/** Sends each request after the answer to the previous one: some CAs fail on concurrent requests of one account. */
export class OneAtATime implements Transport {
  readonly #transport: Transport;
  #last: Promise<unknown> = Promise.resolve();

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  send(request: HttpRequest, signal?: AbortSignal): Promise<HttpAnswer> {
    const answer = this.#last.then(() => this.#transport.send(request, signal));
    // The sender of a failed request gets its error. The next request is sent anyway.
    this.#last = answer.catch(() => undefined);
    return answer;
  }
}
