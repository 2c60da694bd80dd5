import { CommanderError } from 'commander';
import { messageOf } from '../error-message.ts';
import { isOfFullDisk } from '../full-disk.ts';
import { interruption } from '../progress/interruption.ts';
import { visibleText } from '../report/visible-text.ts';
import { UserError } from '../user-error.ts';
import type { ClosedPipe } from './closed-pipe.ts';
import type { CommandContext } from './commands/command-context.ts';
import { program } from './program.ts';

const usageExitCode = 2;
const environmentExitCode = 3;

/**
 * Runs one command line.
 *
 * @param closedPipe is told which command begins, and knows whether anybody still reads stdout
 * @returns its exit code, see docs/reference.md
 */
export async function main(argv: readonly string[], closedPipe?: ClosedPipe): Promise<number> {
  let exitCode: number | null = null;
  using stop = interruption();
  const context: CommandContext = {
    signal: stop.signal,
    readerGone: closedPipe?.closed,
    async end(code) {
      exitCode = await code;
    },
  };
  const padlock = program(context, process.env.PADLOCK_CALLED_AS);
  padlock.hook('preAction', (_, command) => closedPipe?.begins(command.name()));
  try {
    await padlock.parseAsync(argv, { from: 'user' });
    return exitCode ?? 0;
  } catch (error) {
    if (stop.signal.aborted) {
      process.stderr.write('Interrupted.\n');
      return stop.exitCode;
    }
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : usageExitCode;
    const debug = padlock.opts<{ debug: boolean }>().debug || argv.includes('--debug');
    const message = isOfFullDisk(error)
      ? `No space is left on a disk (${messageOf(error)}): free some space, or set XDG_CACHE_HOME and XDG_STATE_HOME.`
      : messageOf(error);
    // What it quotes may come from a file or a server: a terminal must not obey it.
    process.stderr.write(`${visibleText(message)}\n`);
    if (debug) process.stderr.write(`${inspectError(error)}\n`);
    return error instanceof UserError ? error.exitCode : environmentExitCode;
  }
}

function inspectError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? '' : `\nCaused by: ${inspectError(error.cause)}`;
  return `${error.stack ?? error.message}${cause}`;
}
