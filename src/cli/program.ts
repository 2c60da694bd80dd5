import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import packageJson from '../../package.json' with { type: 'json' };
import { UserError } from '../user-error.ts';
import type { CommandContext } from './command-context.ts';
import { interruption } from './interruption.ts';

const usageExitCode = 2;
const environmentExitCode = 3;

/** Parses a slot number for --subnet. */
function subnet(text: string): number {
  const match = /^10\.231\.(\d{1,3})\.0\/24$/.exec(text);
  const slot = Number(match?.[1]);
  if (match && slot >= 1 && slot <= 250) return slot;
  throw new InvalidArgumentError('it must be 10.231.N.0/24 with N from 1 to 250.');
}

/** The command line. Each command is imported when it is used, so that none pays for another's parts. */
export function program(context: CommandContext): Command {
  const padlock = new Command('padlock')
    .description(
      "Proves on real parts that a certificate issued over ACME reaches the browser's padlock through an Istio gateway.",
    )
    .version(packageJson.version)
    .option('--debug', 'show the causes and stack traces of errors', false)
    .showHelpAfterError("('padlock --help' lists commands and options)")
    .exitOverride()
    .configureOutput({ writeErr: (text) => process.stderr.write(text) });

  const environment = () => new Option('--environment <kind>', 'where to run').choices(['cell']).default('cell');
  const subnetOption = () =>
    new Option('--subnet <range>', "the cell's subnet, 10.231.N.0/24 (default: the first free one)").argParser(subnet);

  padlock
    .command('run')
    .description('run scenarios on a fresh environment, write the reports, remove everything')
    .argument('[id...]', "scenarios or suites (default: the suite 'core')")
    .addOption(environment())
    .addOption(subnetOption())
    .option('--on <name>', 'run on a cell that is up already, and leave it up')
    .option('--report <folder>', 'where the reports go (default: reports/<time>, with reports/latest)')
    .option('--keep', 'leave the environment up and say how to reach it', false)
    .option('--json', 'print report.json on stdout', false)
    .addOption(new Option('--sabotage <fault>', 'break one part on purpose, to see the checks fail'))
    .action(async (ids: string[], options) => context.end((await import('./run.ts')).run(ids, options, context)));

  padlock
    .command('list')
    .description('list suites and scenarios with what they prove')
    .option('--json', 'as JSON', false)
    .action(async (options) => context.end((await import('./list.ts')).list(options)));

  padlock
    .command('up')
    .description('start an environment with Istio, cert-manager, a CA and DNS, and leave it up')
    .option('--name <name>', 'its name', 'default')
    .addOption(environment())
    .addOption(subnetOption())
    .option('--json', 'print what is up as JSON', false)
    .action(async (options) => context.end((await import('./up.ts')).up(options, context)));

  padlock
    .command('down')
    .description('remove an environment and all it left behind')
    .argument('[name]', 'its name (default: default)')
    .option('--all', 'remove every one on this machine', false)
    .action(async (name: string | undefined, options) => context.end((await import('./down.ts')).down(name, options)));

  padlock
    .command('status')
    .description('list the environments of this machine')
    .option('--json', 'as JSON', false)
    .action(async (options) => context.end((await import('./status.ts')).status(options)));

  padlock
    .command('kubeconfig')
    .description('print the path of the kubeconfig of an environment')
    .argument('[name]', 'its name', 'default')
    .option('--raw', 'print the kubeconfig itself: it holds a private key', false)
    .action(async (name: string, options) => context.end((await import('./kubeconfig.ts')).kubeconfig(name, options)));

  padlock
    .command('logs')
    .description('print the log of a component of an environment; without a component, list them')
    .argument('[component]', 'e.g. kube-apiserver, pebble, named')
    .option('--name <name>', 'the environment', 'default')
    .action(async (component: string | undefined, options) =>
      context.end((await import('./logs.ts')).logs(component, options)),
    );

  padlock
    .command('doctor')
    .description('say whether this machine can run a cell, and what is missing')
    .option('--json', 'as JSON', false)
    .action(async (options) => context.end((await import('./doctor.ts')).doctor(options)));

  padlock
    .command('build')
    .description('build the pinned components that are not in the cache')
    .argument('[component...]', 'only these (default: all)')
    .option('--force', 'build again what is in the cache', false)
    .action(async (ids: string[], options) => context.end((await import('./build.ts')).build(ids, options, context)));

  padlock
    .command('judge')
    .description('run the checks again on saved evidence')
    .argument('<evidence...>', 'files from evidence/')
    .option('--json', 'as JSON', false)
    .action(async (files: string[], options) => context.end((await import('./judge.ts')).judgeFiles(files, options)));

  padlock
    .command('test')
    .description("run the project's own tests: lint, types, unit tests and the end-to-end ones on a cell")
    .action(async () => context.end((await import('./test.ts')).test(context)));

  return padlock;
}

/** Runs one command line. @returns its exit code: see docs/architecture, and `padlock --help` */
export async function main(argv: readonly string[]): Promise<number> {
  let exitCode: number | null = null;
  using stop = interruption();
  const context: CommandContext = {
    signal: stop.signal,
    async end(code) {
      exitCode = await code;
    },
  };
  const padlock = program(context);
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
    const message = error instanceof Error ? error.message : String(error);
    process.stderr.write(`${message}\n`);
    if (debug) process.stderr.write(`${inspectError(error)}\n`);
    return error instanceof UserError ? error.exitCode : environmentExitCode;
  }
}

function inspectError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? '' : `\nCaused by: ${inspectError(error.cause)}`;
  return `${error.stack ?? error.message}${cause}`;
}
