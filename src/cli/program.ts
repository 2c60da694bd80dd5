import { Argument, Command } from 'commander';
import packageJson from '../../package.json' with { type: 'json' };
import type { CommandContext } from './commands/command-context.ts';
import { type CompletionShell, completionShells } from './completion/completion-shells.ts';
import { addAcmeCommands } from './declarations/acme-commands.ts';
import { configOption } from './declarations/config-option.ts';
import { addDiagnosisCommands } from './declarations/diagnosis-commands.ts';
import { addEnvironmentCommands } from './declarations/environment-commands.ts';
import { addLoadCommand } from './declarations/load-command.ts';
import { addMachineCommands } from './declarations/machine-commands.ts';
import { addReportCommands } from './declarations/report-commands.ts';
import { addReproCommand } from './declarations/repro-command.ts';
import { addRunCommands } from './declarations/run-commands.ts';

/**
 * The command line. Each command's module is loaded when the command is used.
 *
 * @param calledAs how its help and errors name it, e.g. `kubectl padlock`
 */
export function program(context: CommandContext, calledAs = 'padlock'): Command {
  const padlock = new Command(calledAs)
    .description(
      'Tests the whole path of an ACME certificate on real components: cert-manager, an Istio gateway, a CA, a browser.',
    )
    .version(packageJson.version)
    .option('--debug', 'print causes and stack traces of errors', false)
    .exitOverride()
    .configureOutput({ writeErr: (text) => process.stderr.write(text) });

  const { run, matrix } = addRunCommands(padlock, context);
  const up = addEnvironmentCommands(padlock, context);
  addDiagnosisCommands(padlock, context);
  addReproCommand(padlock, context);
  addLoadCommand(padlock, context);
  addMachineCommands(padlock, context);
  addReportCommands(padlock, context);
  const ca = addAcmeCommands(padlock, context);
  const configurable = [run, up, ca] as const;
  padlock
    .command('config')
    .description('print the effective settings and where each one comes from')
    .addOption(configOption())
    .option('--json', 'print JSON', false)
    .action(async (options) => context.end((await import('./commands/config.ts')).config(options, configurable)));

  for (const command of [...configurable, matrix]) {
    command.hook('preAction', async () => {
      const { applyConfiguration } = await import('./options/apply-configuration.ts');
      await applyConfiguration(command, command === matrix ? run : command);
    });
  }

  padlock
    .command('test')
    .description("run Padlock's own tests: lint, types, unit tests and end-to-end tests")
    .option('--exhaustive', 'run the rare and slow tests too, which take hours in addition', false)
    .action(async (options) => context.end((await import('./commands/test.ts')).test(options, context)));

  padlock
    .command('completion')
    .description('print a completion script; for bash: source <(padlock completion bash)')
    .addArgument(new Argument('<shell>', 'the shell').choices(completionShells))
    .action(async (shell: CompletionShell) =>
      context.end((await import('./commands/completion.ts')).completion(shell, padlock)),
    );

  pointErrorsToHelp(padlock);
  return padlock;
}

/** After an error of usage, each command names its own help. */
function pointErrorsToHelp(command: Command, path: string = command.name()): void {
  const lists = command.commands.length > 0 ? 'commands and options' : 'its options';
  command.showHelpAfterError(`('${path} --help' lists ${lists})`);
  for (const one of command.commands) pointErrorsToHelp(one, `${path} ${one.name()}`);
}
