import { UserError } from '../user-error.ts';
import { JsonLinesView } from './json-lines-view.ts';
import { LiveView } from './live-view.ts';
import { PlainView } from './plain-view.ts';
import type { RunView, ViewStream } from './run-view.ts';

export interface RunViewOptions {
  /** Where `--json-lines` goes: a file, or `-` for stdout. */
  readonly jsonLines?: string | undefined;
  /** Whether the command prints its result on stdout as JSON. */
  readonly json?: boolean;
  /** Whether the command asks something at the terminal meanwhile: a view that redraws its lines would hide the question. */
  readonly asks?: boolean;
  readonly stderr?: ViewStream;
  readonly stdout?: ViewStream;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/**
 * The views that a command's options and its surroundings ask for: one for people on stderr, and JSON lines where wanted.
 *
 * @throws UserError (2) if both `--json` and `--json-lines -` want stdout, or the file cannot be written
 */
export function openRunViews(options: RunViewOptions): readonly RunView[] {
  const {
    jsonLines,
    json = false,
    asks = false,
    stderr = process.stderr,
    stdout = process.stdout,
    env = process.env,
  } = options;
  if (json && jsonLines === '-') {
    throw new UserError('--json and --json-lines - both write to stdout. Pass a file to --json-lines.');
  }
  const lines =
    jsonLines === undefined ? [] : [jsonLines === '-' ? JsonLinesView.to(stdout) : JsonLinesView.toFile(jsonLines)];
  // Lines that come in between in the same terminal would tear a live view.
  const isTorn = jsonLines === '-' && stdout.isTTY === true;
  return [...lines, isLive(stderr, env) && !isTorn && !asks ? new LiveView(stderr) : new PlainView(stderr)];
}

/** Whether a stream is a terminal that can move its cursor, with someone in front of it. */
function isLive({ isTTY }: ViewStream, env: Readonly<Record<string, string | undefined>>): boolean {
  const { CI: ci = '', TERM: term = '' } = env;
  return isTTY === true && term !== 'dumb' && ['', '0', 'false'].includes(ci.toLowerCase());
}
