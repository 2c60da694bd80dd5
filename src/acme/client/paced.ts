import type { HttpAnswer, HttpRequest, Transport } from './transport.ts';

/** Sends at most so many requests a second: some CAs count them. */
export class Paced implements Transport {
  readonly #transport: Transport;
  readonly #pauseMs: number;
  readonly #wait: (ms: number) => Promise<unknown>;
  /** When the next request may leave, by the clock of {@link performance}. */
  #next = 0;

  /** @param perSecond may be less than 1 */
  constructor(
    transport: Transport,
    perSecond: number,
    wait: (ms: number) => Promise<unknown> = (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  ) {
    this.#transport = transport;
    this.#pauseMs = 1000 / perSecond;
    this.#wait = wait;
  }

  async send(request: HttpRequest, signal?: AbortSignal): Promise<HttpAnswer> {
    const now = performance.now();
    const at = Math.max(now, this.#next);
    this.#next = at + this.#pauseMs;
    if (at > now) await this.#wait(at - now);
    signal?.throwIfAborted();
    return this.#transport.send(request, signal);
  }
}
