import { setTimeout as delay } from 'node:timers/promises';
import { messageOf } from '../error-message.ts';
import type { ProbeClient } from '../evidence/probes/probe-client.ts';

interface ServedHostsOptions {
  readonly probes: Pick<ProbeClient, 'tls'>;
  /** Of the gateway. */
  readonly address: string;
  hostAt(index: number): string;
  onServed(index: number, at: number): void;
  readonly signal: AbortSignal;
}

const atOnce = 12;
const handshakeWithinMs = 5_000;
const pauseMs = 100;

/** Connects to hosts, again and again, until each is served with a certificate for its name. */
export class ServedHosts {
  readonly #options: ServedHostsOptions;
  readonly #waiting: number[] = [];
  #inWork = 0;
  #wake = Promise.withResolvers<void>();
  #lastSeen = 'no handshake yet';

  constructor(options: ServedHostsOptions) {
    this.#options = options;
    for (let worker = 0; worker < atOnce; worker += 1) {
      // What ends one is the signal, or the end of the probe agent, which every other use of it reports, too.
      this.#work().catch((error: unknown) => {
        this.#lastSeen = messageOf(error);
      });
    }
    options.signal.addEventListener('abort', () => this.#wake.resolve(), { once: true });
  }

  /** What the last host that is not served said. */
  get lastSeen(): string {
    return this.#lastSeen;
  }

  get left(): number {
    return this.#waiting.length + this.#inWork;
  }

  /** Waits for these hosts, too. */
  add(indices: readonly number[]): void {
    this.#waiting.push(...indices);
    const { resolve } = this.#wake;
    this.#wake = Promise.withResolvers();
    resolve();
  }

  async #work(): Promise<void> {
    const { signal } = this.#options;
    while (!signal.aborted) {
      const index = this.#waiting.shift();
      if (index === undefined) {
        await this.#wake.promise;
        continue;
      }
      this.#inWork += 1;
      const isServed = await this.#isServed(index);
      this.#inWork -= 1;
      if (isServed) {
        this.#options.onServed(index, Date.now());
        continue;
      }
      this.#waiting.push(index);
      // The gateway has no event that tells when it serves a host.
      await delay(pauseMs, undefined, { signal });
    }
  }

  async #isServed(index: number): Promise<boolean> {
    const { probes, address, hostAt, signal } = this.#options;
    const serverName = hostAt(index);
    const { outcome } = await probes.tls({
      ...{ name: 'load', address, port: 443, serverName, withinMs: handshakeWithinMs },
      ...{ trust: 'ca-roots', roots: [] },
    });
    signal.throwIfAborted();
    if ('error' in outcome) {
      this.#lastSeen = `${serverName}: ${outcome.error}`;
      return false;
    }
    const names = outcome.chain[0]?.dnsNames ?? [];
    if (names.includes(serverName)) return true;
    this.#lastSeen = `${serverName}: a certificate for ${names.join(', ') || 'no name'}`;
    return false;
  }
}
