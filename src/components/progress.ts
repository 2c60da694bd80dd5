import type { BuildEvent } from './build.ts';

const plainLineEveryMs = 15_000;

function seconds(ms: number): string {
  const whole = Math.round(ms / 1000);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`;
}

/**
 * Shows a build: in a terminal one live line with the time it took and the time it is expected to take, elsewhere a plain line when a
 * component starts and ends, and one every 15 s between.
 */
export class BuildProgress implements Disposable {
  readonly #out: NodeJS.WriteStream;
  readonly #running = new Map<string, { readonly since: number; readonly expectedMs: number }>();
  readonly #started = performance.now();
  #timer: NodeJS.Timeout | null = null;

  constructor(out: NodeJS.WriteStream = process.stderr) {
    this.#out = out;
  }

  readonly show = (event: BuildEvent): void => {
    switch (event.event) {
      case 'cached':
        return;
      case 'waiting':
        this.#line('Another build is at work in the same cache; waiting for it.');
        return;
      case 'damaged':
        this.#line(`${event.id}: ${event.files.join(', ')} in the cache is not as it was built; making it again.`);
        return;
      case 'started':
        this.#running.set(event.id, { since: performance.now(), expectedMs: event.expectedMs });
        this.#timer ??= setInterval(() => this.#tick(), this.#out.isTTY ? 1000 : plainLineEveryMs);
        this.#line(`Building ${event.id} (about ${seconds(event.expectedMs)} when nothing is cached).`);
        return;
      case 'finished': {
        this.#running.delete(event.id);
        this.#line(`Built ${event.id} in ${seconds(event.elapsedMs)}.`);
        return;
      }
    }
  };

  #tick(): void {
    if (this.#running.size === 0) return;
    const now = performance.now();
    const parts = [...this.#running].map(
      ([id, { since, expectedMs }]) => `${id} ${seconds(now - since)} of about ${seconds(expectedMs)}`,
    );
    const text = `${seconds(now - this.#started)}: ${parts.join(', ')}`;
    if (this.#out.isTTY) this.#out.write(`\r\u001b[2K${text.slice(0, (this.#out.columns ?? 80) - 1)}`);
    else this.#out.write(`${text}\n`);
  }

  #line(text: string): void {
    this.#out.write(this.#out.isTTY ? `\r\u001b[2K${text}\n` : `${text}\n`);
  }

  [Symbol.dispose](): void {
    if (this.#timer) clearInterval(this.#timer);
    if (this.#timer && this.#out.isTTY) this.#out.write('\r\u001b[2K');
  }
}
