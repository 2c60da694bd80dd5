import { closeSync, openSync, writeSync } from 'node:fs';
import { UserError } from '../user-error.ts';
import type { RunEvent } from './run-event.ts';
import type { RunView, ViewStream } from './run-view.ts';

// Valid in JSON, yet a terminal acts on the first of them, and the others break or turn round a line: DEL and C1, line and
// paragraph separators, bidirectional controls. JSON.stringify escapes C0 itself.
const unescaped = /[\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** Writes one JSON object a line, see runEventSchema. */
export class JsonLinesView implements RunView {
  readonly #write: (line: string) => void;
  readonly #close: () => void;
  #isOpen = true;

  private constructor(write: (line: string) => void, close: () => void) {
    this.#write = write;
    this.#close = close;
  }

  /**
   * Each line is in the file when `show` returns, so that none is lost however the run ends. What was in the file goes.
   *
   * @throws UserError (2) if the file cannot be written
   */
  static toFile(file: string): JsonLinesView {
    const cannot = (error: unknown) =>
      new UserError(`Cannot write --json-lines '${file}' (${(error as NodeJS.ErrnoException).code}).`, {
        cause: error,
      });
    let descriptor: number;
    try {
      descriptor = openSync(file, 'w');
    } catch (error) {
      throw cannot(error);
    }
    const write = (line: string) => {
      try {
        writeSync(descriptor, line);
      } catch (error) {
        throw cannot(error);
      }
    };
    return new JsonLinesView(write, () => closeSync(descriptor));
  }

  /** Writes to a stream, and leaves it open. */
  static to(stream: ViewStream): JsonLinesView {
    let failure: Error | null = null;
    // A reader that left must not end the run. What is still on its way can fail later: the listener stays.
    stream.on('error', (error) => {
      failure = error;
    });
    const write = (line: string) => {
      if (failure) {
        throw new UserError(`--json-lines: cannot write to stdout (${(failure as NodeJS.ErrnoException).code}).`, {
          cause: failure,
        });
      }
      stream.write(line);
    };
    return new JsonLinesView(write, () => {});
  }

  show(event: RunEvent): void {
    const json = JSON.stringify(event).replace(
      unescaped,
      (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
    );
    this.#write(`${json}\n`);
  }

  [Symbol.dispose](): void {
    if (this.#isOpen) this.#close();
    this.#isOpen = false;
  }
}
