import { spawn } from 'node:child_process';

export interface ServerCommand {
  readonly program: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** A part of its log that appears when it listens. */
  readonly readyLine: string;
}

export interface ServerProcess extends AsyncDisposable {
  /** The end of its log. */
  log(): string;
  /** Fulfilled with the end of its log when it has ended. */
  readonly ended: Promise<string>;
}

const keptLogCharacters = 8_000;
const readyWithinSeconds = 30;
const endsWithinSeconds = 10;

/** Starts a server. @returns when its log says that it listens @throws with the end of its log when it ends before, or after 30 s */
export async function startServer({ program, args, env, readyLine }: ServerCommand): Promise<ServerProcess> {
  // It dies with this process, however that ends.
  const child = spawn('setpriv', ['--pdeathsig', 'TERM', program, ...args], {
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  let log = '';
  const ready = Promise.withResolvers<void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      if (`${log}${text}`.includes(readyLine)) ready.resolve();
      log = `${log}${text}`.slice(-keptLogCharacters);
    });
  }
  child.once('error', ready.reject);
  child.once('close', (code, signal) =>
    ready.reject(
      new Error(`${program} ended with ${signal ?? code} before it listened. Its log ends: ${log.slice(-1500)}`),
    ),
  );
  const timer = setTimeout(
    () =>
      ready.reject(
        new Error(
          `${program} did not say '${readyLine}' within ${readyWithinSeconds} s. Its log ends: ${log.slice(-1500)}`,
        ),
      ),
    readyWithinSeconds * 1000,
  );
  const stop = async () => {
    if (child.pid === undefined) return;
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
    const force = setTimeout(() => child.kill('SIGKILL'), endsWithinSeconds * 1000);
    await closed;
    clearTimeout(force);
  };
  try {
    await ready.promise;
  } catch (error) {
    await stop();
    throw error;
  } finally {
    clearTimeout(timer);
  }
  return { log: () => log, ended: closed.then(() => log), [Symbol.asyncDispose]: stop };
}
