import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { scaled } from '../../../time-scale.ts';
import type { RunningEnvironment } from '../../environment.ts';
import { frontEventSchema } from './front-protocol.ts';

const setWithinMs = 15_000;

/** A program outside that stands before a server and fails as it is told; it ends with its stdin. */
export class Front<Failure> {
  readonly #process: ChildProcess;
  readonly #name: string;
  #waiting: PromiseWithResolvers<void> | null = null;

  private constructor(process: ChildProcess, name: string, onKept: (line: string) => void) {
    this.#process = process;
    this.#name = name;
    process.stdin?.on('error', () => {});
    const ended = (how: string) => this.#waiting?.reject(new Error(`the front of ${name} ended ${how}`));
    process.once('error', ({ message }) => ended(`(${message})`));
    process.once('exit', (code, signal) => ended(`with ${signal ?? `status ${code}`}`));
    if (process.stdout === null) throw new Error(`the front of ${name} has no stdout`);
    createInterface({ input: process.stdout }).on('line', (line) => {
      const event = frontEventSchema.parse(JSON.parse(line));
      if (event.event === 'kept') onKept(event.line);
      else this.#waiting?.resolve();
    });
  }

  /**
   * @param configuration the first line on its stdin
   * @throws Error if it does not listen in time
   */
  static async start<Failure>(
    environment: Pick<RunningEnvironment, 'spawnOutside'>,
    options: { readonly name: string; readonly program: string; readonly configuration: object },
    onKept: (line: string) => void = () => {},
  ): Promise<Front<Failure>> {
    const { name, program, configuration } = options;
    const front = new Front<Failure>(environment.spawnOutside([process.execPath, program]), name, onKept);
    await front.#tell(configuration);
    return front;
  }

  /** Fails in this way from now on; null: not at all. @throws Error if it has ended */
  async fail(how: Failure | null): Promise<void> {
    await this.#tell(how);
  }

  async end(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const exit = once(this.#process, 'exit');
    this.#process.stdin?.end();
    await exit;
  }

  async #tell(what: unknown): Promise<void> {
    const { exitCode, signalCode } = this.#process;
    if (exitCode !== null || signalCode !== null) throw new Error(`the front of ${this.#name} has ended`);
    const waiting = Promise.withResolvers<void>();
    this.#waiting = waiting;
    const withinMs = scaled(setWithinMs);
    const timer = setTimeout(
      () => waiting.reject(new Error(`the front of ${this.#name} did not answer within ${withinMs} ms`)),
      withinMs,
    );
    this.#process.stdin?.write(`${JSON.stringify(what)}\n`);
    try {
      await waiting.promise;
    } finally {
      clearTimeout(timer);
      this.#waiting = null;
    }
  }
}
