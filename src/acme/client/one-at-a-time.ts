import type { HttpAnswer, HttpRequest, Transport } from './transport.ts';

/** Sends each request after the one before was answered: some CAs fail where two requests of an account come at once. */
export class OneAtATime implements Transport {
  readonly #transport: Transport;
  #last: Promise<unknown> = Promise.resolve();

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  send(request: HttpRequest, signal?: AbortSignal): Promise<HttpAnswer> {
    const answer = this.#last.then(() => this.#transport.send(request, signal));
    // That one had no answer is told to whoever sent it; the next is sent all the same.
    this.#last = answer.catch(() => undefined);
    return answer;
  }
}
