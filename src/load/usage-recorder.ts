import { cpus } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { messageOf } from '../error-message.ts';
import type { UsageReader, UsageSample } from './part-usage.ts';

interface RecorderOptions {
  readonly read: UsageReader;
  readonly everyMs: number;
  readonly signal: AbortSignal;
}

/** Reads what the parts use every so often, until it is stopped. */
export class UsageRecorder {
  readonly #options: RecorderOptions;
  readonly #samples: UsageSample[] = [];
  readonly #problems = new Set<string>();
  readonly #stop = new AbortController();
  readonly #ended: Promise<void>;
  readonly #busyBefore = busyAndTotal();

  constructor(options: RecorderOptions) {
    this.#options = options;
    this.#ended = this.#run();
  }

  get samples(): readonly UsageSample[] {
    return this.#samples;
  }

  get problems(): readonly string[] {
    return [...this.#problems];
  }

  /** Takes a last sample. @returns the share of this machine's cores that was busy meanwhile, 0 to 1 */
  async stop(): Promise<number | null> {
    this.#stop.abort();
    await this.#ended;
    await this.#sample();
    const [before, after] = [this.#busyBefore, busyAndTotal()];
    const total = after.total - before.total;
    return total <= 0 ? null : (after.busy - before.busy) / total;
  }

  async #run(): Promise<void> {
    const signal = AbortSignal.any([this.#options.signal, this.#stop.signal]);
    try {
      while (!signal.aborted) {
        await this.#sample();
        await delay(this.#options.everyMs, undefined, { signal });
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  async #sample(): Promise<void> {
    try {
      const parts = await this.#options.read();
      this.#samples.push({ at: Date.now(), parts });
    } catch (error) {
      this.#problems.add(`What the parts use could not be read: ${messageOf(error)}`);
    }
  }
}

/** CPU time of all cores of this machine, in ms. */
function busyAndTotal(): { readonly busy: number; readonly total: number } {
  return cpus().reduce(
    (sum, { times }) => {
      const total = Object.values(times).reduce((all, time) => all + time, 0);
      return { busy: sum.busy + total - times.idle, total: sum.total + total };
    },
    { busy: 0, total: 0 },
  );
}
