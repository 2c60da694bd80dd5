import { type Command, InvalidArgumentError, Option } from 'commander';
import { loadSolvers } from '../../load/load-plan.ts';
import type { CommandContext } from '../commands/command-context.ts';
import { addEnvironmentOptions } from '../options/environment-options.ts';
import { timeScaleOption } from './time-scale-option.ts';

const mostCertificates = 20_000;

/** `padlock load`, which measures many certificates at once. */
export function addLoadCommand(padlock: Command, context: CommandContext): void {
  const command = padlock
    .command('load')
    .description('issue and serve many certificates at once, and report times, costs, their growth and the next limit')
    .addOption(
      new Option('--certificates <count>', 'how many certificates')
        .argParser((text) => wholeNumber(text, mostCertificates))
        .default(20),
    )
    .addOption(new Option('--rate <per-second>', 'request so many a second (default: all at once)').argParser(rate))
    .addOption(
      new Option(
        '--solver <solver>',
        "how they are issued: over ACME, or by a CA in the cluster, which leaves ACME's cost out",
      )
        .choices(loadSolvers)
        .default('http01'),
    )
    .addOption(
      new Option('--hosts-per-gateway <count>', 'hosts, each with its own credentialName, in one Istio Gateway')
        .argParser((text) => wholeNumber(text, 1_000))
        .default(10),
    )
    .option('--renew-storm', 'then renew all at once while clients connect, and count lost handshakes', false)
    .option(
      '--restart-gateway',
      'then restart the gateway, and see how long it takes to be ready and to serve all',
      false,
    )
    .option('--report <folder>', 'the report folder (default: reports/load-<time>)')
    .option('--json', 'print load.json on stdout', false)
    .option('--json-lines <file>', 'write progress events to a file, one JSON object per line; - is stdout')
    .addOption(timeScaleOption())
    .action(async (options) => context.end((await import('../commands/load.ts')).load(options, context)));
  addEnvironmentOptions(command, 'load');
}

function wholeNumber(text: string, most: number): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= 1 && number <= most) return number;
  throw new InvalidArgumentError(`it must be a whole number from 1 to ${most}.`);
}

function rate(text: string): number {
  const number = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && number > 0 && number <= 1_000) return number;
  throw new InvalidArgumentError('it must be a number above 0 and not above 1000.');
}
