import { type Command, Option } from 'commander';
import type { CommandContext } from '../commands/command-context.ts';
import { addEnvironmentOptions } from '../options/environment-options.ts';
import { timeScaleOption } from './time-scale-option.ts';

/** `padlock repro`, which stages faults of the catalogue. */
export function addReproCommand(padlock: Command, context: CommandContext): void {
  const command = padlock
    .command('repro')
    .description('stage a known fault, wait until it shows, and print its symptom, verdict, evidence and cure')
    .argument('[id]', 'the fault (see --list)')
    .option('--name <name>', 'the name of the environment that is made (default: repro-ID)')
    .option('--cure', 'then apply the cure, and wait until the certificate is Ready and served', false)
    .option('--remove', 'remove what was staged for the fault, from an environment that stays', false)
    .addOption(new Option('--list', 'list the faults').conflicts(['on', 'cure', 'remove', 'name']).default(false))
    .option('--json', 'print JSON', false)
    .option('--json-lines <file>', 'write progress events to a file, one JSON object per line; - is stdout')
    .addOption(timeScaleOption())
    .action(async (id: string | undefined, options) =>
      context.end((await import('../commands/repro.ts')).repro(id, options, context)),
    );
  addEnvironmentOptions(command, 'repro');
}
