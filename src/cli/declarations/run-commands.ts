import { type Command, InvalidArgumentError, Option } from 'commander';
import { messageOf } from '../../error-message.ts';
import { parseShard, type Shard } from '../../suite/shard.ts';
import type { CommandContext } from '../commands/command-context.ts';
import { addEnvironmentOptions } from '../options/environment-options.ts';
import { faultOption, sabotageOption } from '../options/fault.ts';
import { configOption } from './config-option.ts';
import { timeScaleOption } from './time-scale-option.ts';

const selection = [
  '[id...]',
  "scenarios, suites, or paths of your own scenarios such as ./my-scenarios (default: the suite 'core')",
] as const;

/** The commands that select scenarios: run, matrix and list. */
export function addRunCommands(
  padlock: Command,
  context: CommandContext,
): { readonly run: Command; readonly matrix: Command } {
  const runCommand = withRunOptions(
    padlock
      .command('run')
      .description('run scenarios on a fresh environment, write the report, and remove the environment')
      .argument(...selection),
  )
    .option(
      '--last-failed [folder]',
      'only scenarios that failed in the report of an earlier run (default: reports/latest)',
    )
    .option('--repeat <count>', 'run the scenarios so many times; one that passes and fails is flaky', repetitions)
    .option('--fail-fast', 'end the run with the first scenario that fails; others count as skipped', false)
    .option('--pause-on-failure', 'wait for Enter before what a failed scenario made is removed', false)
    .action(async (ids: string[], options) =>
      context.end((await import('../commands/run.ts')).run(ids, options, context)),
    );

  const matrixCommand = withRunOptions(
    padlock
      .command('matrix')
      .description("run each combination of the configuration's matrix and write one table")
      .argument(...selection),
  )
    .option('--only <name=value...>', 'only the combinations with these values, e.g. istio=1.30.1', [])
    .action(async (ids: string[], options, command: Command) =>
      context.end((await import('../commands/matrix.ts')).matrix(ids, options, command, context)),
    );

  padlock
    .command('list')
    .description('list suites and scenarios, and what they prove')
    .argument('[path...]', 'list your own scenarios at these paths instead, which also finds mistakes in them')
    .option('--feature <name...>', 'list only scenarios with one of these features', [])
    .option('--exempt-feature <name...>', 'leave out scenarios with one of these features', [])
    .addOption(
      new Option('--features', 'list the features instead: what each means and needs, and the scenarios that have it')
        .conflicts(['feature', 'exemptFeature'])
        .default(false),
    )
    .option('--json', 'print JSON', false)
    .action(async (paths: string[], options) =>
      context.end((await import('../commands/list.ts')).list(paths, options)),
    );

  return { run: runCommand, matrix: matrixCommand };
}

function withRunOptions(command: Command): Command {
  command
    .addOption(configOption())
    .option('--report <folder>', 'the report folder (default: reports/<time>, linked as reports/latest)')
    .option('--keep', 'leave the environment up and print how to reach it', false)
    .option('--json', 'print report.json on stdout', false)
    .option(
      '--attest <key>',
      'sign the report with this private key (PEM); its passphrase is read from PADLOCK_ATTEST_PASSPHRASE',
    )
    .addOption(
      new Option(
        '--shard <index/count>',
        'run one part of the scenarios, e.g. 2/4; padlock merge combines the reports',
      ).argParser(shard),
    )
    .addOption(new Option('--feature <name...>', 'run only scenarios with one of these features').default([], 'all'))
    .addOption(
      new Option('--exempt-feature <name...>', 'do not run scenarios with one of these features').default([], 'none'),
    )
    .addOption(
      new Option('--skip <part...>', 'skip a part, without making the result partial')
        .choices(['browser'])
        .default([], 'none'),
    )
    .option('--json-lines <file>', 'write progress events to a file, one JSON object per line; - is stdout')
    .addOption(timeScaleOption())
    .addOption(faultOption())
    .addOption(sabotageOption());
  return addEnvironmentOptions(command, 'run');
}

const mostRepetitions = 1000;

/** Parses the number of repetitions. */
function repetitions(text: string): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= 1 && number <= mostRepetitions) return number;
  throw new InvalidArgumentError(`it must be a whole number from 1 to ${mostRepetitions}.`);
}

/** Parses INDEX/COUNT for --shard. */
function shard(text: string): Shard {
  try {
    return parseShard(text);
  } catch (error) {
    throw new InvalidArgumentError(messageOf(error));
  }
}
