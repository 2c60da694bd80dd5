import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import packageJson from '../../package.json' with { type: 'json' };
import { messageOf } from '../error-message.ts';
import { interruption } from '../progress/interruption.ts';
import { defaultFloorMs, defaultThresholdPercent } from '../report/compare/compare-phases.ts';
import { parseShard, type Shard } from '../suite/shard.ts';
import { UserError } from '../user-error.ts';
import type { ClosedPipe } from './closed-pipe.ts';
import type { CommandContext } from './commands/command-context.ts';
import { addEnvironmentOptions } from './options/environment-options.ts';
import { faultOption, sabotageOption } from './options/fault.ts';

const usageExitCode = 2;
const environmentExitCode = 3;

/** Parses a number that counts or measures. */
function nonNegativeNumber(text: string): number {
  const number = Number(text);
  if (text.trim() !== '' && Number.isFinite(number) && number >= 0) return number;
  throw new InvalidArgumentError('it must be a number of at least 0.');
}

/** Parses INDEX/COUNT for --shard. */
function shard(text: string): Shard {
  try {
    return parseShard(text);
  } catch (error) {
    throw new InvalidArgumentError(messageOf(error));
  }
}

/** The command line. Each command's module is loaded when the command is used. */
export function program(context: CommandContext): Command {
  const padlock = new Command('padlock')
    .description(
      'Tests the whole path of an ACME certificate on real components: cert-manager, an Istio gateway, a CA, a browser.',
    )
    .version(packageJson.version)
    .option('--debug', 'print causes and stack traces of errors', false)
    .showHelpAfterError("('padlock --help' lists commands and options)")
    .exitOverride()
    .configureOutput({ writeErr: (text) => process.stderr.write(text) });

  const configOption = () =>
    new Option(
      '--config <file>',
      'the configuration file (default: padlock.config.yaml or padlock.config.ts in the working directory)',
    );

  const withRunOptions = (command: Command) => {
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
      .addOption(faultOption())
      .addOption(sabotageOption());
    return addEnvironmentOptions(command, 'run');
  };

  const selection = ['[id...]', "scenarios or suites (default: the suite 'core')"] as const;

  const runCommand = withRunOptions(
    padlock
      .command('run')
      .description('run scenarios on a fresh environment, write the report, and remove the environment')
      .argument(...selection),
  ).action(async (ids: string[], options) =>
    context.end((await import('./commands/run.ts')).run(ids, options, context)),
  );

  const matrixCommand = withRunOptions(
    padlock
      .command('matrix')
      .description("run each combination of the configuration's matrix and write one table")
      .argument(...selection),
  )
    .option('--only <name=value...>', 'only the combinations with these values, e.g. istio=1.30.1', [])
    .action(async (ids: string[], options, command: Command) =>
      context.end((await import('./commands/matrix.ts')).matrix(ids, options, command, context)),
    );

  padlock
    .command('list')
    .description('list suites and scenarios, and what they prove')
    .option('--feature <name...>', 'list only scenarios with one of these features', [])
    .option('--exempt-feature <name...>', 'leave out scenarios with one of these features', [])
    .addOption(
      new Option('--features', 'list the features instead: what each means and needs, and the scenarios that have it')
        .conflicts(['feature', 'exemptFeature'])
        .default(false),
    )
    .option('--json', 'print JSON', false)
    .action(async (options) => context.end((await import('./commands/list.ts')).list(options)));

  const upCommand = padlock
    .command('up')
    .description('start an environment with Istio, cert-manager, a CA and DNS, and leave it up')
    .option('--name <name>', 'the name of the environment', 'default')
    .addOption(configOption())
    .option('--json', 'print how to reach the environment as JSON', false)
    .option('--json-lines <file>', 'write progress events to a file, one JSON object per line; - is stdout')
    .action(async (options) => context.end((await import('./commands/up.ts')).up(options, context)));
  addEnvironmentOptions(upCommand, 'up');

  padlock
    .command('down')
    .description('remove an environment, or what a run left behind in an existing cluster')
    .argument('[name]', 'the environment or run (default: default)')
    .option('--all', 'remove all environments of this machine and what all runs left behind', false)
    .action(async (name: string | undefined, options) =>
      context.end((await import('./commands/down.ts')).down(name, options)),
    );

  padlock
    .command('status')
    .description('list the environments of this machine')
    .option('--json', 'print JSON', false)
    .action(async (options) => context.end((await import('./commands/status.ts')).status(options)));

  padlock
    .command('kubeconfig')
    .description("print the path of an environment's kubeconfig")
    .argument('[name]', 'the environment', 'default')
    .option('--raw', 'print the kubeconfig itself; it contains a private key', false)
    .action(async (name: string, options) =>
      context.end((await import('./commands/kubeconfig.ts')).kubeconfig(name, options)),
    );

  padlock
    .command('logs')
    .description("print the log of one of an environment's components, or list the components")
    .argument('[component]', 'e.g. kube-apiserver, pebble, named')
    .option('--name <name>', 'the environment', 'default')
    .action(async (component: string | undefined, options) =>
      context.end((await import('./commands/logs.ts')).logs(component, options)),
    );

  padlock
    .command('bundle')
    .description(
      'collect objects, events, logs and gateway configuration of a cluster, without secrets; changes nothing',
    )
    .option('--name <name>', "the environment, which may have failed (default: 'default')")
    .option('--kubeconfig <file>', 'any other cluster')
    .option('--context <name>', 'the context of the kubeconfig (default: the current one)')
    .option(
      '--namespace <name...>',
      'only these namespaces (default: all; for a run in an existing cluster, its own and the one of the gateway)',
    )
    .option('--output <folder>', 'the folder to write (default: bundle-<time>)')
    .action(async (options) => context.end((await import('./commands/bundle.ts')).bundle(options, context)));

  const traceCommand = padlock
    .command('trace')
    .description('diagnose an issuance on any cluster: its state, the cause, and what to do; changes nothing');
  traceCommand
    .command('certificate')
    .description('trace a Certificate from its Issuer to what its host serves')
    .argument('<name>', 'the name of the Certificate')
    .requiredOption('-n, --namespace <namespace>', 'the namespace of the Certificate')
    .option('--kubeconfig <file>', 'the cluster (default: KUBECONFIG, or ~/.kube/config)')
    .option('--context <name>', 'the context of the kubeconfig (default: the current one)')
    .option('--name <name>', 'an environment of Padlock; its hosts are probed from the outside of its cluster')
    .option('--ca-bundle <file>', 'PEM roots that clients of the host trust')
    .option('--dns <address>', 'the name server that resolves the host (default: those of the machine or environment)')
    .option('-w, --watch', 'continue until the certificate is served, and print each change', false)
    .option('--json', 'print JSON; with --watch, one line per change', false)
    .action(async (name: string, options) =>
      context.end((await import('./commands/trace.ts')).trace(name, options, context)),
    );

  padlock
    .command('doctor')
    .description('check whether this machine can run a cell, and list what is missing')
    .option('--json', 'print JSON', false)
    .action(async (options) => context.end((await import('./commands/doctor.ts')).doctor(options)));

  padlock
    .command('build')
    .description('build the pinned components that are not in the cache')
    .argument('[component...]', 'only these components (default: all)')
    .option('--force', 'also rebuild what is in the cache', false)
    .option('--json-lines <file>', 'write progress events to a file, one JSON object per line; - is stdout')
    .action(async (ids: string[], options) =>
      context.end((await import('./commands/build.ts')).build(ids, options, context)),
    );

  padlock
    .command('images')
    .description('list the images of a run with their digests, or save them as OCI archives')
    .option('--json', 'print JSON', false)
    .option('--save <folder>', 'save the images there as OCI archives, with an index images.json')
    .action(async (options) => context.end((await import('./commands/images.ts')).images(options, context)));

  padlock
    .command('judge')
    .description('run the checks on saved evidence')
    .argument('<evidence...>', 'files from the evidence/ folder of a report')
    .option('--json', 'print JSON', false)
    .action(async (files: string[], options) =>
      context.end((await import('./commands/judge.ts')).judgeFiles(files, options)),
    );

  padlock
    .command('report')
    .description('derive junit.xml, summary.md and index.html again from report.json')
    .argument('<folder>', 'a report folder')
    .action(async (folder: string) => context.end((await import('./commands/report.ts')).report(folder)));

  padlock
    .command('compare')
    .description('compare two reports: what newly fails or passes, and which phases got slower')
    .argument('<before>', 'a report folder or its report.json')
    .argument('<after>', 'the report to compare with it')
    .option(
      '--threshold <percent>',
      'report a phase as slower from this growth on',
      nonNegativeNumber,
      defaultThresholdPercent,
    )
    .option(
      '--floor-ms <ms>',
      'and at least this growth in milliseconds; 1.5 times as much for phases whose end is polled',
      nonNegativeNumber,
      defaultFloorMs,
    )
    .option('--json', 'print JSON', false)
    .action(async (before: string, after: string, options) =>
      context.end((await import('./commands/compare.ts')).compare(before, after, options)),
    );

  padlock
    .command('merge')
    .description('merge the reports of all shards of one run')
    .argument('<folder...>', 'the report folders of all shards')
    .option('--report <folder>', 'the folder of the merged report (default: reports/<time>, linked as reports/latest)')
    .option('--json', 'print the merged report.json on stdout', false)
    .action(async (folders: string[], options) =>
      context.end((await import('./commands/merge.ts')).merge(folders, options)),
    );

  padlock
    .command('verify')
    .description('verify the signature and digests of a report, and judge its evidence again')
    .argument('<report>', 'the report folder')
    .option(
      '--key <file>',
      'verify the signature with this public key, certificate or private key (PEM); without it, only digests and verdicts',
    )
    .option('--json', 'print JSON', false)
    .action(async (report: string, options) =>
      context.end((await import('./commands/verify.ts')).verify(report, options)),
    );

  const caCommand = padlock
    .command('ca')
    .description('test a CA against RFC 8555 and its extensions, section by section; needs no cluster')
    .option('--directory <url>', 'the ACME directory of the CA')
    .option('--ca-bundle <file>', "PEM roots of the directory's own TLS certificate, in addition to public ones")
    .option(
      '--eab-kid <kid...>',
      'the key identifier of an external account; several if the CA binds each to one account',
    )
    .option('--eab-hmac-key-file <file...>', 'its MAC key, base64url without padding; one file per --eab-kid')
    .addOption(
      new Option('--domain <name...>', 'domains of the name server; orders use names below the first').default([
        'ca.padlock.test',
      ]),
    )
    .option('--http-port <port>', 'answer http-01 on this port; the CA must reach it as port 80')
    .option('--tls-port <port>', 'answer tls-alpn-01 and HTTPS on this port; the CA must reach it as port 443')
    .option('--dns <address:port>', 'answer dns-01 as the name server of the domains, e.g. 127.0.0.1:5353')
    .option(
      '--dns-hook <program>',
      'instead of --dns: called as <program> set-txt NAME VALUE… and <program> unset-txt NAME',
    )
    .option(
      '--listen <address>',
      'the address for HTTP and TLS (default: loopback for a CA on loopback, otherwise all addresses)',
    )
    .option('--address <ip...>', 'the addresses of names (default: the address from which this machine reaches the CA)')
    .option(
      '--only <sections>',
      'only these sections and their subsections: 6.5,7.4 of RFC 8555, 9773:4.1 of another RFC',
    )
    .addOption(
      new Option(
        '--profile <profile>',
        'read-only creates no accounts or orders; exhaustive adds checks that are slow or need many requests',
      )
        .choices(['read-only', 'standard', 'exhaustive'])
        .default('standard'),
    )
    .addOption(
      new Option('--skip <part...>', 'skip a part, without making the result partial')
        .choices(['issuance'])
        .default([], 'none'),
    )
    .option('--one-at-a-time', 'send requests one at a time, for a CA that fails on concurrent requests', false)
    .option(
      '--attest <key>',
      'sign the report with this private key (PEM); its passphrase is read from PADLOCK_ATTEST_PASSPHRASE',
    )
    .option('--i-know-this-is-production', 'allow the directory of a production CA', false)
    .option('--report <folder>', 'the report folder (default: reports/ca-<time>)')
    .option('--json', 'print conformance.json, or the list as JSON, on stdout', false)
    .option('--list', 'list the checks by group, and what they do not cover', false)
    .action(async (options) => context.end((await import('./commands/ca.ts')).ca(options, context)));

  padlock
    .command('deviate')
    .description('put one deviation in front of a CA, to test ACME clients and the checks of padlock ca')
    .argument('[name]', 'the deviation (see --list)')
    .option('--upstream <url>', 'the ACME directory of the upstream CA')
    .option('--upstream-ca <file>', "PEM roots of that directory's TLS certificate, in addition to public ones")
    .option('--listen <host:port>', 'the address to listen on', '127.0.0.1:14000')
    .option('--tls-certificate-out <file>', 'write the TLS certificate of the proxy to this file (default: print it)')
    .option('--list', 'list the deviations', false)
    .option('--json', 'print the list as JSON', false)
    .action(async (name: string | undefined, options) =>
      context.end((await import('./commands/deviate.ts')).deviate(name, options, context)),
    );

  caCommand.addOption(configOption());
  const configurable = [runCommand, upCommand, caCommand] as const;

  padlock
    .command('config')
    .description('print the effective settings and where each one comes from')
    .addOption(configOption())
    .option('--json', 'print JSON', false)
    .action(async (options) => context.end((await import('./commands/config.ts')).config(options, configurable)));

  for (const command of [...configurable, matrixCommand]) {
    command.hook('preAction', async () => {
      const { applyConfiguration } = await import('./options/apply-configuration.ts');
      await applyConfiguration(command, command === matrixCommand ? runCommand : command);
    });
  }

  padlock
    .command('test')
    .description("run Padlock's own tests: lint, types, unit tests and end-to-end tests")
    .option('--exhaustive', 'run the rare and slow tests too, which take hours in addition', false)
    .action(async (options) => context.end((await import('./commands/test.ts')).test(options, context)));

  return padlock;
}

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
  const padlock = program(context);
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
    const message = messageOf(error);
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
