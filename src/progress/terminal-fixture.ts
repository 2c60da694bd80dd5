import { Writable } from 'node:stream';
import { WriteStream } from 'node:tty';
import type { RunEvent, RunEventBody } from './run-event.ts';
import type { ViewStream } from './run-view.ts';

/** A stream that keeps what is written to it, for tests of the views: no terminal unless it says so. */
export interface FakeTerminal {
  readonly stream: ViewStream;
  /** What was written since the last call. */
  written(): string;
  /** How often it was written to since it was made. */
  readonly writes: number;
  /** Gives the terminal another size, and tells its listeners. */
  resize(columns: number, rows: number): void;
}

export function fakeTerminal(size: { isTTY?: boolean; columns?: number; rows?: number } = {}): FakeTerminal {
  let text = '';
  let writes = 0;
  const stream = Object.assign(
    new Writable({
      write(chunk, _encoding, done) {
        text += String(chunk);
        writes += 1;
        done();
      },
    }),
    size,
    // As a real terminal answers: by NO_COLOR, FORCE_COLOR and TERM.
    size.isTTY ? { getColorDepth: WriteStream.prototype.getColorDepth } : {},
  );
  return {
    stream,
    get writes() {
      return writes;
    },
    written() {
      const now = text;
      text = '';
      return now;
    },
    resize(columns, rows) {
      Object.assign(stream, { columns, rows });
      stream.emit('resize');
    },
  };
}

/** An event at a time of the run, in milliseconds. */
export function eventAt(sinceMs: number, body: RunEventBody): RunEvent {
  return { at: new Date(Date.UTC(2026, 0, 1) + sinceMs).toISOString(), sinceMs, ...body } as RunEvent;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: reading what a terminal is sent
const sequenceOrCharacter = /\u001b\[([?\d;]*)([A-Za-z])|(.)/gs;

/**
 * What stands in the terminal after it was written to: the lines, with what was erased or written over gone. It knows what
 * the live view uses (line feed, cursor up, down and to the left, erasing lines) and refuses the rest. Colours are dropped.
 */
export function screen(written: string): readonly string[] {
  const lines: string[] = [''];
  let row = 0;
  let column = 0;
  for (const [, parameter = '', command = '', character = ''] of written.matchAll(sequenceOrCharacter)) {
    const count = Number(parameter) || 1;
    const line = lines[row] ?? '';
    if (character === '\n') {
      row += 1;
      column = 0;
      lines[row] ??= '';
    } else if (character !== '') {
      lines[row] = line.slice(0, column).padEnd(column) + character + line.slice(column + 1);
      column += 1;
    } else if (command === 'A') row = Math.max(0, row - count);
    else if (command === 'B') row += count;
    else if (command === 'G') column = count - 1;
    else if (command === 'K') lines[row] = parameter === '2' ? '' : line.slice(0, column);
    else if (!(command === 'm' || parameter === '?2026')) throw new Error(`unexpected: ESC [ ${parameter} ${command}`);
  }
  return lines;
}
