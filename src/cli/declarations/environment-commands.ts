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

  addInnerLoopCommands(padlock, context);
  return upCommand;
}

/** What a developer does with an environment that is up: names, an Issuer, a shell. */
function addInnerLoopCommands(padlock: Command, context: CommandContext): void {
  const dns = padlock.command('dns').description("change the name server's records of an environment that is up");
  dns
    .command('set')
    .description('point a host at addresses, for Pods, the CA and clients outside alike')
    .argument('<host>', "a name below the environment's domain, such as app.padlock.test")
    .argument('[address...]', "IP addresses, or gateway for the ingress gateway's (default: gateway)")
    .option('--name <name>', 'the environment', 'default')
    .action(async (host: string, addresses: string[], options) =>
      context.end((await import('../commands/dns.ts')).setDns(host, addresses, options)),
    );
  dns
    .command('unset')
    .description('take all addresses of a host away')
    .argument('<host>', "a name below the environment's domain")
    .option('--name <name>', 'the environment', 'default')
    .action(async (host: string, options) => context.end((await import('../commands/dns.ts')).unsetDns(host, options)));

  padlock
    .command('issuer')
    .description("print an Issuer for the environment's CA, for kubectl apply")
    .argument('[issuer]', 'the name of the Issuer', 'padlock')
    .option('--name <name>', 'the environment', 'default')
    .option('-n, --namespace <namespace>', 'the namespace of the Issuer', 'default')
    .option('--cluster', 'print a ClusterIssuer', false)
    .action(async (issuer: string, options) =>
      context.end((await import('../commands/issuer.ts')).issuer(issuer, options)),
    );

  padlock
    .command('shell')
    .description(
      "a shell, or one command, outside the cluster: with its name server, the roots of its CA, KUBECONFIG and, if it was built, the kubectl of 'padlock build kubectl'",
    )
    .argument(
      '[command...]',
      "what to run instead of a shell; after -- where it has options, as in 'shell -- curl -v URL'",
    )
    .option('--name <name>', 'the environment', 'default')
    .action(async (command: string[], options) =>
      context.end((await import('../commands/shell.ts')).shell(command, options)),
    );
}
