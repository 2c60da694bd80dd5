import type { Command } from 'commander';
import type { CommandContext } from '../commands/command-context.ts';
import { addEnvironmentOptions } from '../options/environment-options.ts';
import { configOption } from './config-option.ts';
import { timeScaleOption } from './time-scale-option.ts';

/** The commands that start, list, read and remove environments. @returns `padlock up` */
export function addEnvironmentCommands(padlock: Command, context: CommandContext): Command {
  const upCommand = padlock
    .command('up')
    .description('start an environment with Istio, cert-manager, a CA and DNS, and leave it up')
    .option('--name <name>', 'the name of the environment', 'default')
    .addOption(configOption())
    .option('--json', 'print how to reach the environment as JSON', false)
    .option('--json-lines <file>', 'write progress events to a file, one JSON object per line; - is stdout')
    .addOption(timeScaleOption())
    .action(async (options) => context.end((await import('../commands/up.ts')).up(options, context)));
  addEnvironmentOptions(upCommand, 'up');

  padlock
    .command('down')
    .description('remove an environment, or what a run left behind in an existing cluster')
    .argument('[name]', 'the environment or run (default: default)')
    .option('--all', 'remove all environments of this machine and what all runs left behind', false)
    .action(async (name: string | undefined, options) =>
      context.end((await import('../commands/down.ts')).down(name, options)),
    );

  padlock
    .command('status')
    .description('list the environments of this machine')
    .option('--json', 'print JSON', false)
    .action(async (options) => context.end((await import('../commands/status.ts')).status(options)));

  padlock
    .command('kubeconfig')
    .description("print the path of an environment's kubeconfig")
    .argument('[name]', 'the environment', 'default')
    .option('--raw', 'print the kubeconfig itself; it contains a private key', false)
    .action(async (name: string, options) =>
      context.end((await import('../commands/kubeconfig.ts')).kubeconfig(name, options)),
    );

  padlock
    .command('logs')
    .description("print the log of one of an environment's components, or list the components")
    .argument('[component]', 'e.g. kube-apiserver, pebble, named')
    .option('--name <name>', 'the environment', 'default')
    .action(async (component: string | undefined, options) =>
      context.end((await import('../commands/logs.ts')).logs(component, options)),
    );

  return upCommand;
}
