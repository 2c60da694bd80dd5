import type { RunEvent } from './run-event.ts';
import { wordsOf } from './run-event-words.ts';
import type { RunView, ViewStream } from './run-view.ts';
import { RunningWork } from './running-work.ts';

const silentAtMostMs = 15_000;

/**
 * Writes each event as a line with the time since the run began. Where nothing happens for 15 s, a line says what is still
 * at work.
 */
export class PlainView implements RunView {
  readonly #stream: ViewStream;
  readonly #work = new RunningWork();
  readonly #stillAtWork: NodeJS.Timeout;
  /** The run's time at its last event, and this process's clock then, in milliseconds. */
  #last = { sinceMs: 0, at: performance.now() };

  constructor(stream: ViewStream) {
    this.#stream = stream;
    this.#stillAtWork = setTimeout(() => this.#sayStillAtWork(), silentAtMostMs).unref();
  }

  show(event: RunEvent): void {
    this.#work.apply(event);
    this.#last = { sinceMs: event.sinceMs, at: performance.now() };
    const words = wordsOf(event);
    if (words === null) return;
    this.#line(event.sinceMs, words);
    this.#stillAtWork.refresh();
  }

  #sayStillAtWork(): void {
    const { sinceMs, at } = this.#last;
    const now = sinceMs + performance.now() - at;
    for (const { name, elapsed, doing } of this.#work.lines()) {
      this.#line(now, `${name}: still running after ${elapsed}: ${doing}`);
    }
    this.#stillAtWork.refresh();
  }

  #line(sinceMs: number, words: string): void {
    this.#stream.write(`${(sinceMs / 1000).toFixed(1).padStart(6)} s  ${words}\n`);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#stillAtWork);
  }
}
