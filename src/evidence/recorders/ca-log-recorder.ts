import { type FSWatcher, watch } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { messageOf } from '../../error-message.ts';
import type { CaLogLine } from '../evidence.ts';
import { lineScrubber } from '../redaction.ts';

export interface CaLogSlice {
  readonly since?: Date;
  readonly until?: Date;
}

/** The time of a log line, ISO 8601; null if the line has none. */
type TimeOfLine = (line: string) => string | null;

interface RecordedLine {
  readonly readAt: Date;
  readonly line: CaLogLine;
}

/**
 * Records what is written to a CA's log file from now on, without secrets. The file may not exist yet, but its folder
 * must; the recorder watches the file and does not poll.
 */
export class CaLogRecorder implements AsyncDisposable {
  readonly #file: string;
  readonly #timeOfLine: TimeOfLine;
  readonly #watcher: FSWatcher;
  readonly #scrub = lineScrubber();
  readonly #lines: RecordedLine[] = [];
  readonly #problems: string[] = [];
  #offset: number;
  #unfinished = Buffer.alloc(0);
  #reading: Promise<void> = Promise.resolve();

  private constructor(file: string, offset: number, timeOfLine: TimeOfLine) {
    this.#file = file;
    this.#timeOfLine = timeOfLine;
    this.#offset = offset;
    this.#watcher = watch(dirname(file), (_, name) => {
      if (name === basename(file)) void this.#catchUp();
    });
    this.#watcher.on('error', (error) => this.#report(error));
  }

  /** @throws Error when the file's folder cannot be watched */
  static async start(file: string, timeOfLine: TimeOfLine): Promise<CaLogRecorder> {
    return new CaLogRecorder(file, await sizeOf(file), timeOfLine);
  }

  /** What the recorder could not see, one sentence each. */
  get problems(): readonly string[] {
    return this.#problems;
  }

  /** The lines of a time, after all that was written by now has been read. */
  async slice({ since, until }: CaLogSlice = {}): Promise<CaLogLine[]> {
    await this.#catchUp();
    return this.#lines
      .filter(({ line, readAt }) => {
        // The CA's clock in its log has whole seconds: a line may be up to a second younger than it says.
        const [earliest, latest] =
          line.at === null ? [readAt.getTime(), readAt.getTime()] : [Date.parse(line.at), Date.parse(line.at) + 999];
        return (
          (since === undefined || latest >= since.getTime()) && (until === undefined || earliest <= until.getTime())
        );
      })
      .map(({ line }) => line);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#watcher.close();
    await this.#catchUp();
  }

  /** Reads to the end of the file, after reads that are in progress. */
  #catchUp(): Promise<void> {
    this.#reading = this.#reading.then(() => this.#read()).catch((error: unknown) => this.#report(error));
    return this.#reading;
  }

  async #read(): Promise<void> {
    const size = await sizeOf(this.#file);
    if (size === this.#offset) return;
    if (size < this.#offset) {
      this.#problems.push(`The CA's log ${this.#file} was cut off, so what was written just before may be missing.`);
      this.#offset = 0;
      this.#unfinished = Buffer.alloc(0);
    }
    await using file = await open(this.#file);
    for (;;) {
      const chunk = await readChunk(file, this.#offset);
      if (chunk.length === 0) return;
      this.#offset += chunk.length;
      this.#take(chunk);
    }
  }

  #take(chunk: Buffer): void {
    const bytes = Buffer.concat([this.#unfinished, chunk]);
    const end = bytes.lastIndexOf('\n') + 1;
    this.#unfinished = bytes.subarray(end);
    if (end === 0) return;
    const readAt = new Date();
    for (const raw of bytes
      .subarray(0, end - 1)
      .toString('utf8')
      .split('\n')) {
      this.#lines.push({ readAt, line: { at: this.#timeOfLine(raw), line: this.#scrub(raw) } });
    }
  }

  #report(error: unknown): void {
    const reason = messageOf(error);
    this.#problems.push(`The CA's log ${this.#file} could not be read (${reason}).`);
  }
}

async function sizeOf(file: string): Promise<number> {
  try {
    await using handle = await open(file);
    return (await handle.stat()).size;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return 0;
    throw error;
  }
}

async function readChunk(file: FileHandle, position: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(65_536), 0, 65_536, position);
  return buffer.subarray(0, bytesRead);
}
