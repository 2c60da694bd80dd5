import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import packageJson from '../../package.json' with { type: 'json' };
import { interruption } from '../progress/interruption.ts';
import { defaultFloorMs, defaultThresholdPercent } from '../report/compare/compare-phases.ts';
import { parseShard, type Shard } from '../suite/shard.ts';
import { UserError } from '../user-error.ts';
import type { ClosedPipe } from './closed-pipe.ts';
import type { CommandContext } from './command-context.ts';
import { addEnvironmentOptions } from './options/environment-options.ts';
import { faultOption, sabotageOption } from './options/fault.ts';

const usageExitCode = 2;
const environmentExitCode = 3;

/** Parses a number that counts or measures. */
function nonNegativeNumber(text: string): number {
  const number = Number(text);
  if (text.trim() !== '' && Number.isFinite(number) && number >= 0) return number;
  throw new InvalidArgumentError('it must be a number from 0.');
}

/** Parses INDEX/COUNT for --shard. */
function shard(text: string): Shard {
  try {
    return parseShard(text);
  } catch (error) {
    throw new InvalidArgumentError(error instanceof Error ? error.message : String(error));
  }
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

  const configOption = () =>
    new Option('--config <file>', 'the configuration (default: padlock.config.yaml or .ts of the working directory)');

  const withRunOptions = (command: Command) => {
    command
      .addOption(configOption())
      .option('--report <folder>', 'where the reports go (default: reports/<time>, with reports/latest)')
      .option('--keep', 'leave the environment up and print how to reach it', false)
      .option('--json', 'print report.json on stdout', false)
      .option(
        '--attest <key>',
        'sign the report with this private key (PEM); PADLOCK_ATTEST_PASSPHRASE may hold its passphrase',
      )
      .addOption(
        new Option('--shard <index/count>', 'run one part of the selection, e.g. 2/4; see padlock merge').argParser(
          shard,
        ),
      )
      .addOption(
        new Option('--skip <part...>', 'leave out a part, without making the result partial')
          .choices(['browser'])
          .default([], 'nothing'),
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
      .description('run scenarios on a fresh environment, write the reports, remove everything')
      .argument(...selection),
  ).action(async (ids: string[], options) =>
    context.end((await import('./commands/run.ts')).run(ids, options, context)),
  );

  const matrixCommand = withRunOptions(
    padlock
      .command('matrix')
      .description("run the configuration's matrix: a run for each combination, and one table")
      .argument(...selection),
  )
    .option('--only <name=value...>', 'only the combinations with these values, e.g. istio=1.30.1', [])
    .action(async (ids: string[], options, command: Command) =>
      context.end((await import('./commands/matrix.ts')).matrix(ids, options, command, context)),
    );

  padlock
    .command('list')
    .description('list suites and scenarios with what they prove')
    .option('--json', 'as JSON', false)
    .action(async (options) => context.end((await import('./commands/list.ts')).list(options)));

  const upCommand = padlock
    .command('up')
    .description('start an environment with Istio, cert-manager, a CA and DNS, and leave it up')
    .option('--name <name>', 'its name', 'default')
    .addOption(configOption())
    .option('--json', 'print how to reach the environment as JSON', false)
    .option('--json-lines <file>', 'write progress events to a file, one JSON object per line; - is stdout')
    .action(async (options) => context.end((await import('./commands/up.ts')).up(options, context)));
  addEnvironmentOptions(upCommand, 'up');

  padlock
    .command('down')
    .description('remove an environment and all it left behind, or what a run left in an existing cluster')
    .argument('[name]', 'its name, or that of the run (default: default)')
    .option('--all', 'remove every one on this machine, and what every run left', false)
    .action(async (name: string | undefined, options) =>
      context.end((await import('./commands/down.ts')).down(name, options)),
    );

  padlock
    .command('status')
    .description('list the environments of this machine')
    .option('--json', 'as JSON', false)
    .action(async (options) => context.end((await import('./commands/status.ts')).status(options)));

  padlock
    .command('kubeconfig')
    .description('print the path of the kubeconfig of an environment')
    .argument('[name]', 'its name', 'default')
    .option('--raw', 'print the kubeconfig itself: it holds a private key', false)
    .action(async (name: string, options) =>
      context.end((await import('./commands/kubeconfig.ts')).kubeconfig(name, options)),
    );

  padlock
    .command('logs')
    .description('print the log of a component of an environment; without a component, list them')
    .argument('[component]', 'e.g. kube-apiserver, pebble, named')
    .option('--name <name>', 'the environment', 'default')
    .action(async (component: string | undefined, options) =>
      context.end((await import('./commands/logs.ts')).logs(component, options)),
    );

  padlock
    .command('bundle')
    .description(
      'collect objects, events, logs and gateway configuration into a folder, without secrets; changes nothing',
    )
    .option('--name <name>', "an environment, also one that failed (default: 'default')")
    .option('--kubeconfig <file>', 'any other cluster')
    .option('--context <name>', "the kubeconfig's context to use")
    .option('--namespace <name...>', 'only these namespaces (default: all)')
    .option('--output <folder>', 'where the bundle goes (default: bundle-<time>)')
    .action(async (options) => context.end((await import('./commands/bundle.ts')).bundle(options, context)));

  const traceCommand = padlock
    .command('trace')
    .description('say where an issuance stands on any cluster, why, and what to do; changes nothing');
  traceCommand
    .command('certificate')
    .description('trace a Certificate from its Issuer to what its host serves')
    .argument('<name>', "the Certificate's name")
    .requiredOption('-n, --namespace <namespace>', "the Certificate's namespace")
    .option('--kubeconfig <file>', 'the cluster (default: KUBECONFIG, or ~/.kube/config)')
    .option('--context <name>', 'a context of the kubeconfig')
    .option('--name <name>', 'an environment instead; its hosts are probed from outside its cluster')
    .option('--ca-bundle <file>', 'PEM roots that the clients of the host trust')
    .option('--dns <address>', 'the name server to ask for the host (default: those of this machine or environment)')
    .option('-w, --watch', 'go on until the certificate is served, telling each change', false)
    .option('--json', 'as JSON; with --watch one line each', false)
    .action(async (name: string, options) =>
      context.end((await import('./commands/trace.ts')).trace(name, options, context)),
    );

  padlock
    .command('doctor')
    .description('say whether this machine can run a cell, and what is missing')
    .option('--json', 'as JSON', false)
    .action(async (options) => context.end((await import('./commands/doctor.ts')).doctor(options)));

  padlock
    .command('build')
    .description('build the pinned components that are not in the cache')
    .argument('[component...]', 'only these (default: all)')
    .option('--force', 'build again what is in the cache', false)
    .option('--json-lines <file>', 'tell what happens, one JSON object a line; - is stdout')
    .action(async (ids: string[], options) =>
      context.end((await import('./commands/build.ts')).build(ids, options, context)),
    );

  padlock
    .command('images')
    .description('list the images of a run with their digests, or save them as OCI archives for closed networks')
    .option('--json', 'as JSON', false)
    .option('--save <folder>', 'save each as an OCI archive there, with images.json beside them')
    .action(async (options) => context.end((await import('./commands/images.ts')).images(options, context)));

  padlock
    .command('judge')
    .description('run the checks again on saved evidence')
    .argument('<evidence...>', 'files from evidence/')
    .option('--json', 'as JSON', false)
    .action(async (files: string[], options) =>
      context.end((await import('./commands/judge.ts')).judgeFiles(files, options)),
    );

  padlock
    .command('report')
    .description('make junit.xml, summary.md and index.html again from report.json')
    .argument('<folder>', 'a report folder')
    .action(async (folder: string) => context.end((await import('./commands/report.ts')).report(folder)));

  padlock
    .command('compare')
    .description('say what newly fails or passes and what got slower from one report to another')
    .argument('<before>', 'a report folder or its report.json')
    .argument('<after>', 'the one to compare with it')
    .option(
      '--threshold <percent>',
      'a phase is slower from this growth on',
      nonNegativeNumber,
      defaultThresholdPercent,
    )
    .option(
      '--floor-ms <ms>',
      'and this growth in milliseconds, half as much again where an end is found by asking',
      nonNegativeNumber,
      defaultFloorMs,
    )
    .option('--json', 'as JSON', false)
    .action(async (before: string, after: string, options) =>
      context.end((await import('./commands/compare.ts')).compare(before, after, options)),
    );

  padlock
    .command('merge')
    .description('put the reports of all shards of one run together')
    .argument('<folder...>', 'the report folders of all shards')
    .option('--report <folder>', 'where the merged report goes (default: reports/<time>, with reports/latest)')
    .option('--json', 'print the merged report.json on stdout', false)
    .action(async (folders: string[], options) =>
      context.end((await import('./commands/merge.ts')).merge(folders, options)),
    );

  padlock
    .command('verify')
    .description('say whether a report is true to its evidence, and whether it is the one that was signed')
    .argument('<report>', 'its folder')
    .option(
      '--key <file>',
      'check the signature with this public key, certificate or private key (PEM); without it, digests and verdicts only',
    )
    .option('--json', 'as JSON', false)
    .action(async (report: string, options) =>
      context.end((await import('./commands/verify.ts')).verify(report, options)),
    );

  const caCommand = padlock
    .command('ca')
    .description('say how far a CA keeps to RFC 8555 and its extensions, with a report per section; needs no cluster')
    .option('--directory <url>', 'its ACME directory')
    .option('--ca-bundle <file>', "PEM roots of the directory's own certificate, beside the public ones")
    .option(
      '--eab-kid <kid...>',
      'the key identifier of an external account; several where each is good for one account',
    )
    .option('--eab-hmac-key-file <file...>', 'its MAC key, base64url without padding; one file for each --eab-kid')
    .addOption(
      new Option('--domain <name...>', 'orders are for names below the first of these').default(['ca.padlock.test']),
    )
    .option('--http-port <port>', 'answer http-01 on this port, where the CA comes to port 80')
    .option('--tls-port <port>', 'answer tls-alpn-01, and HTTPS, on this port, where the CA comes to port 443')
    .option('--dns <address:port>', 'answer as name server of the domains, and dns-01 with it, e.g. 127.0.0.1:5353')
    .option('--dns-hook <program>', 'instead: called as <program> set-txt NAME VALUE… and <program> unset-txt NAME')
    .option('--listen <address>', 'where HTTP and TLS listen (default: loopback for a CA on loopback, else anywhere)')
    .option('--address <ip...>', 'where the name server leads names to (default: this machine, as the CA is reached)')
    .option(
      '--only <sections>',
      'only these sections, with those below them, e.g. 6.5,7.4 of RFC 8555 and 9773:4.1 of another',
    )
    .addOption(
      new Option(
        '--profile <profile>',
        'read-only makes neither accounts nor orders; exhaustive also does what takes long or is much',
      )
        .choices(['read-only', 'standard', 'exhaustive'])
        .default('standard'),
    )
    .addOption(
      new Option('--skip <part...>', 'leave a part out, without making the result partial')
        .choices(['issuance'])
        .default([], 'nothing'),
    )
    .option('--one-at-a-time', 'send no request before the last one is answered, to a CA that fails at such', false)
    .option(
      '--attest <key>',
      'sign the report with this private key (PEM); a passphrase comes from PADLOCK_ATTEST_PASSPHRASE',
    )
    .option('--i-know-this-is-production', 'allow the directory of a CA in production', false)
    .option('--report <folder>', 'where conformance.json and index.html go (default: reports/ca-<time>)')
    .option('--json', 'print conformance.json on stdout, or the list as JSON', false)
    .option('--list', 'list the checks by their groups, and what is not looked at yet', false)
    .action(async (options) => context.end((await import('./commands/ca.ts')).ca(options, context)));

  padlock
    .command('deviate')
    .description('stand in front of a CA and do one thing wrong, to try ACME clients and the checks of padlock ca')
    .argument('[name]', 'the deviation; --list lists them')
    .option('--upstream <url>', 'the ACME directory of the CA behind')
    .option('--upstream-ca <file>', "PEM roots of that directory's own certificate, beside the public ones")
    .option('--listen <host:port>', 'where to listen', '127.0.0.1:14000')
    .option('--tls-certificate-out <file>', 'write the certificate of the server there (default: print it)')
    .option('--list', 'list the deviations', false)
    .option('--json', 'the list as JSON', false)
    .action(async (name: string | undefined, options) =>
      context.end((await import('./commands/deviate.ts')).deviate(name, options, context)),
    );

  caCommand.addOption(configOption());
  const configurable = [runCommand, upCommand, caCommand] as const;

  padlock
    .command('config')
    .description('print which settings are in force, and whence: the configuration, the environment or the default')
    .addOption(configOption())
    .option('--json', 'as JSON', false)
    .action(async (options) => context.end((await import('./commands/config.ts')).config(options, configurable)));

  for (const command of [...configurable, matrixCommand]) {
    command.hook('preAction', async () => {
      const { applyConfiguration } = await import('./options/apply-configuration.ts');
      await applyConfiguration(command, command === matrixCommand ? runCommand : command);
    });
  }

  padlock
    .command('test')
    .description("run the project's own tests: lint, types, unit tests and the end-to-end ones on a cell")
    .action(async () => context.end((await import('./commands/test.ts')).test(context)));

  return padlock;
}

/**
 * Runs one command line.
 *
 * @param closedPipe told which command begins
 * @returns its exit code, see docs/reference.md
 */
export async function main(argv: readonly string[], closedPipe?: ClosedPipe): Promise<number> {
  let exitCode: number | null = null;
  using stop = interruption();
  const context: CommandContext = {
    signal: stop.signal,
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
