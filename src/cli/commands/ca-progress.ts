import type { CheckResult } from '../../acme/runner/conformance.ts';

/** The longest time without a line. */
const silentAtMostMs = 15_000;

/** Tells on stderr how far the checks are: each violation at once, and a line where nothing was told for 15 s. */
export class CaProgress implements Disposable {
  readonly #write: (text: string) => void;
  readonly #began = performance.now();
  readonly #still: NodeJS.Timeout;
  #done = 0;
  #of = 0;
  #last = 'no check is done yet';

  constructor(write: (text: string) => void = (text) => void process.stderr.write(text)) {
    this.#write = write;
    this.#still = setInterval(
      () => this.#line(`${this.#done} of ${this.#of} checks are done; ${this.#last}`),
      silentAtMostMs,
    );
    this.#still.unref();
  }

  /** @param of the number of checks of the run */
  show({ id, verdict, message }: Pick<CheckResult, 'id' | 'verdict' | 'message'>, done: number, of: number): void {
    this.#done = done;
    this.#of = of;
    this.#last = `the last was ${id}`;
    if (verdict === 'failed') this.#line(`failed ${id}: ${message}`);
    else if (done === of) this.#line(`${done} of ${of} checks are done`);
  }

  say(words: string): void {
    this.#line(words);
  }

  #line(words: string): void {
    const seconds = ((performance.now() - this.#began) / 1000).toFixed(1);
    this.#write(`${seconds.padStart(6)} s  ${words}\n`);
    this.#still.refresh();
  }

  [Symbol.dispose](): void {
    clearInterval(this.#still);
  }
}
