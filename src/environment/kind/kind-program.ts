import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { buildComponents } from '../../components/index.ts';
import { findProgram } from '../../find-program.ts';
import { UserError } from '../../user-error.ts';

/** The kind command line, ready to be called. */
export interface KindProgram {
  readonly file: string;
  /** For kind's own environment variables. */
  readonly environment: Readonly<Record<string, string>>;
  readonly log: string;
  readonly signal: AbortSignal;
}

/** kind from the PATH, or built from its Go module, which takes seconds. @throws UserError (3) */
export async function findKind(signal: AbortSignal): Promise<string> {
  const found = await findProgram('kind');
  if (found !== null) return found;
  const components = await buildComponents({ only: ['kind'], signal, onProgress: () => {} });
  return components.binary('kind');
}

/** A call of kind that failed. */
export class KindFailure extends Error {
  override readonly name = 'KindFailure';
  readonly said: string;

  constructor(args: readonly string[], how: string, said: string) {
    super(`'kind ${args.join(' ')}' ended with ${how}: ${said.trim()}`);
    this.said = said;
  }
}

/** Runs kind and returns its stdout; all output goes to the log. @throws KindFailure; the signal's reason */
export async function callKind(kind: KindProgram, args: readonly string[]): Promise<string> {
  kind.signal.throwIfAborted();
  // A separate session: Ctrl-C in the terminal goes to the command line only, which then removes everything in order. kind
  // also ends when this process is killed, so that it creates nothing after the clean-up.
  const child = spawn('setpriv', ['--pdeathsig', 'TERM', kind.file, ...args], {
    env: { ...process.env, ...kind.environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const abort = () => child.kill('SIGTERM');
  kind.signal.addEventListener('abort', abort, { once: true });
  const log = createWriteStream(kind.log, { flags: 'a', mode: 0o600 });
  log.write(`$ kind ${args.join(' ')}\n`);
  let out = '';
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
    log.write(text);
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
    log.write(text);
  });
  try {
    const [status, killedBy] = (await once(child, 'close')) as [number | null, string | null];
    kind.signal.throwIfAborted();
    if (status !== 0) throw new KindFailure(args, killedBy ?? `status ${status}`, said);
    return out;
  } finally {
    kind.signal.removeEventListener('abort', abort);
    log.end();
    await finished(log);
  }
}

/** The cause of a failed cluster creation, in one sentence. */
export function creationProblem(error: KindFailure, nodeImage: string, log: string): UserError {
  const { said } = error;
  const answer = /(?:Error response from daemon|^Error): (.*)$/m.exec(said)?.[1];
  const because = (reason: string) => new UserError(reason, { exitCode: 3, cause: error });
  if (/no space left on device/i.test(said)) {
    return because(
      `The kind cluster did not start: the container engine's disk is full. Free some space, e.g. with 'docker system prune'.`,
    );
  }
  if (/failed to pull image|manifest unknown|pull access denied/i.test(said)) {
    return because(
      `The node image ${nodeImage} is not available locally and could not be pulled${answer ? ` (${answer})` : ''}. Load it into the container engine, or choose another one with --node-image.`,
    );
  }
  if (/could not find a log line|container .* is not running|exec format error|failed to start container/i.test(said)) {
    return because(
      `The node image ${nodeImage} does not start${answer ? ` (${answer})` : ''}. It must be one of kind's node images for this machine's architecture. kind's log is ${log}.`,
    );
  }
  const first = /^ERROR: (.*)$/m.exec(said)?.[1] ?? said.trim().split('\n').at(-1) ?? 'it said nothing';
  return because(`The kind cluster could not be created: ${first.replace(/\.$/, '')}. kind's log is ${log}.`);
}
