import { stripVTControlCharacters, styleText } from 'node:util';
import { createLogUpdate } from 'log-update';
import sliceAnsi from 'slice-ansi';
import type { RunEvent } from './run-event.ts';
import { wordsOf } from './run-event-words.ts';
import type { RunView, ViewStream } from './run-view.ts';
import { RunningWork, type WorkLine } from './running-work.ts';

const repaintEveryMs = 1_000;
const repaintAtMostEveryMs = 100;
const defaultColumns = 80;
const defaultRows = 24;

type Mark = 'good' | 'bad' | 'neither';

/**
 * Shows a run in a terminal: a line for each thing that is at work, kept up to date below what has ended, which stays. At
 * the end all of it is plain lines of the terminal's past.
 *
 * The cursor stays visible, and no mode of the terminal is changed for longer than a write: so it is in order however the
 * process ends. (What hides the cursor would also have to catch signals to show it again, and main's `interruption` must be
 * the one to catch them.)
 */
export class LiveView implements RunView {
  readonly #stream: ViewStream;
  readonly #work = new RunningWork();
  readonly #update: ReturnType<typeof createLogUpdate>;
  /** Lines that stay and are not written yet. */
  readonly #lasting: string[] = [];
  readonly #resized = () => this.#paintAfter(0);
  #timer: NodeJS.Timeout | null = null;
  #timerAt = Number.POSITIVE_INFINITY;
  #paintedAt = Number.NEGATIVE_INFINITY;
  #isOpen = true;

  constructor(stream: ViewStream) {
    this.#stream = stream;
    this.#update = createLogUpdate(stream, { showCursor: true });
    stream.on('resize', this.#resized);
  }

  show(event: RunEvent): void {
    if (!this.#isOpen) return;
    this.#work.apply(event);
    const mark = lastingMark(event);
    const words = wordsOf(event);
    if (mark !== null && words !== null) this.#lasting.push(this.#marked(mark, words));
    this.#paintAfter(0);
  }

  /** Paints after that many milliseconds, unless it is done before anyway, and never more often than allowed. */
  #paintAfter(ms: number): void {
    const now = performance.now();
    const at = Math.max(now + ms, this.#paintedAt + repaintAtMostEveryMs);
    if (this.#timerAt <= at) return;
    if (this.#timer) clearTimeout(this.#timer);
    this.#timerAt = at;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#timerAt = Number.POSITIVE_INFINITY;
      this.#paint();
      if (!this.#work.isEmpty) this.#paintAfter(repaintEveryMs);
    }, at - now).unref();
  }

  #paint(): void {
    this.#paintedAt = performance.now();
    const frame = this.#frame();
    const lasting = this.#lasting.splice(0);
    if (lasting.length > 0 || frame.length === 0) this.#update.clear();
    // Whole, for the terminal to wrap: nothing of what stays is cut off.
    if (lasting.length > 0) this.#stream.write(`${lasting.join('\n')}\n`);
    if (frame.length > 0) this.#update(frame.join('\n'));
  }

  /** A line for each work, as many and as much of each as the terminal has room for. */
  #frame(): readonly string[] {
    const { columns = defaultColumns, rows = defaultRows } = this.#stream;
    const works = this.#work.lines();
    const nameWidth = Math.max(...works.map(({ name }) => name.length));
    const elapsedWidth = Math.max(...works.map(({ elapsed }) => elapsed.length));
    const lines = works.map((work) => fitted(this.#workLine(work, nameWidth, elapsedWidth), columns));
    // One row is the cursor's.
    const room = Math.max(1, rows - 1);
    if (lines.length <= room) return lines;
    return [...lines.slice(0, room - 1), fitted(`… and ${lines.length - room + 1} more running`, columns)];
  }

  #workLine({ name, elapsed, doing }: WorkLine, nameWidth: number, elapsedWidth: number): string {
    const options = { stream: this.#stream };
    return [
      `${styleText('cyan', '•', options)} ${styleText('bold', name.padEnd(nameWidth), options)}`,
      styleText('dim', elapsed.padStart(elapsedWidth), options),
      doing,
    ].join('  ');
  }

  #marked(mark: Mark, words: string): string {
    const [colour, sign] = signs[mark];
    return `${styleText(colour, sign, { stream: this.#stream })} ${words}`;
  }

  /** Leaves the lines that stay; also what was still at work, by a line that says where it stopped. */
  [Symbol.dispose](): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    if (this.#timer) clearTimeout(this.#timer);
    this.#stream.removeListener('resize', this.#resized);
    this.#update.clear();
    for (const { name, elapsed, doing } of this.#work.lines()) {
      this.#lasting.push(this.#marked('neither', `${name}: stopped after ${elapsed}: ${doing}`));
    }
    if (this.#lasting.length > 0) this.#stream.write(`${this.#lasting.join('\n')}\n`);
    this.#update.done();
  }
}

const signs = { good: ['green', '✓'], bad: ['red', '✗'], neither: ['yellow', '–'] } as const;

/** How what stays in the terminal is marked; null for what is shown only as long as it lasts. */
function lastingMark(event: RunEvent): Mark | null {
  switch (event.kind) {
    case 'build-ended':
    case 'environment-ready':
    case 'environment-removed':
      return 'good';
    case 'scenario-ended':
      return event.result === 'passed' ? 'good' : event.result === 'skipped' ? 'neither' : 'bad';
    case 'problem':
      return 'bad';
    case 'build-waiting':
    case 'build-damaged':
      return 'neither';
    default:
      return null;
  }
}

/** The line, or as much of it as fits, with an ellipsis; by the columns that its characters take, not by their number. */
function fitted(line: string, columns: number): string {
  const whole = sliceAnsi(line, 0, columns);
  if (stripVTControlCharacters(whole) === stripVTControlCharacters(line)) return line;
  return `${sliceAnsi(line, 0, columns - 1)}…`;
}
