import { type Command, InvalidArgumentError, Option } from 'commander';
import type { CommandContext } from '../commands/command-context.ts';
import { configOption } from './config-option.ts';

/** What `padlock ca --list` has no use for: it asks no CA and writes no report. */
const optionsOfARun = [
  'directory',
  'caBundle',
  'eabKid',
  'eabHmacKeyFile',
  'domain',
  'httpPort',
  'tlsPort',
  'dns',
  'dnsHook',
  'listen',
  'address',
  'skip',
  'oneAtATime',
  'attest',
  'declaration',
  'expectations',
  'iKnowThisIsProduction',
  'report',
];

/** The commands about ACME without a cluster: ca, deviate and ca-server. @returns `padlock ca` */
export function addAcmeCommands(padlock: Command, context: CommandContext): Command {
  const caCommand = padlock
    .command('ca')
    .description('test a CA against RFC 8555 and its extensions, section by section; needs no cluster')
    .option('--directory <url...>', 'the ACME directory of the CA; several are tested in turn, in one report')
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
    .option('--name <name...>', 'order only these names; the CA must reach Padlock at each of them')
    .option(
      '--pre-validated <name...>',
      'order only these names, which the CA has validated outside of ACME: their orders are ready at once',
    )
    .option('--contact <url...>', 'the contact of accounts, as mailto:NAME@DOMAIN, for a CA that requires one')
    .option(
      '--step-timeout <seconds>',
      'how long the CA may take for one validation or issuance (default: 180)',
      positiveNumber,
    )
    .option('--rate <number>', 'send at most so many requests a second', positiveNumber)
    .option(
      '--max-requests <number>',
      'end the run at so many requests, without those of the clean-up (default: by profile, 1500 for standard)',
      wholeNumber,
    )
    .option(
      '--max-accounts <number>',
      'make at most so many accounts; checks that need more are skipped (default: by profile)',
      wholeNumber,
    )
    .option(
      '--max-orders <number>',
      'make at most so many orders; checks that need more are skipped (default: by profile)',
      wholeNumber,
    )
    .option(
      '--account-key <file>',
      'the key (PEM or JWK) of an account that exists: checks share it, and it stays as it is',
    )
    .option('--one-at-a-time', 'send requests one at a time, for a CA that fails on concurrent requests', false)
    .option(
      '--attest <key>',
      'sign the report with this private key (PEM); its passphrase is read from PADLOCK_ATTEST_PASSPHRASE',
    )
    .option(
      '--declaration <file>',
      'what the CA says about itself: who makes it, and the features that it claims (YAML)',
    )
    .option(
      '--expectations <file>',
      'the known deviations of the CA (YAML): exit code 0 if the run finds exactly these, 1 if one is new or gone',
    )
    .option('--i-know-this-is-production', 'allow the directory of a production CA', false)
    .option('--report <folder>', 'the report folder (default: reports/ca-<time>)')
    .option('--json', 'print conformance.json, or the list as JSON, on stdout', false)
    .addOption(
      new Option(
        '--list',
        'list the checks by group, and what they do not cover; with --only or --profile, those checks',
      )
        .conflicts(optionsOfARun)
        .default(false),
    )
    .addOption(
      new Option(
        '--coverage',
        'print each requirement of the RFCs on a server, with the checks that judge it or why none does',
      )
        .conflicts([...optionsOfARun, 'list', 'only'])
        .default(false),
    )
    .action(async (options, command: Command) => {
      const allProfiles = command.getOptionValueSource('profile') === 'default';
      await context.end((await import('../commands/ca.ts')).ca({ ...options, allProfiles }, context));
    });

  caCommand
    .command('compare')
    .description('compare two reports of padlock ca: what is newly violated or satisfied')
    .argument('<before>', 'a report folder or its conformance.json')
    .argument('<after>', 'the report to compare with it')
    .option('--json', 'print JSON', false)
    .action(async (before: string, after: string, _, command: Command) =>
      context.end((await import('../commands/ca-compare.ts')).caCompare(before, after, command.optsWithGlobals())),
    );

  caCommand
    .command('expectations')
    .description('print the deviations of a report of padlock ca as the start of an expectations file')
    .argument('<report>', 'a report folder or its conformance.json')
    .action(async (report: string) =>
      context.end((await import('../commands/ca-expectations.ts')).caExpectations(report)),
    );

  caCommand
    .command('result')
    .description('write what is published of a report of padlock ca: a result without exchanges, and a badge')
    .argument('<report>', 'a report folder')
    .option('--into <folder>', 'the folder of results', 'results')
    .action(async (report: string, options) =>
      context.end((await import('../commands/ca-result.ts')).caResult(report, options)),
    );

  padlock
    .command('deviate')
    .description('put one deviation in front of a CA, to test ACME clients and the checks of padlock ca')
    .argument('[name]', 'the deviation (see --list)')
    .option('--upstream <url>', 'the ACME directory of the upstream CA')
    .option('--upstream-ca <file>', "PEM roots of that directory's TLS certificate, in addition to public ones")
    .option('--listen <host:port>', 'the address to listen on', '127.0.0.1:15000')
    .option('--tls-certificate-out <file>', 'write the TLS certificate of the proxy to this file (default: print it)')
    .addOption(
      new Option('--list', 'list the deviations')
        .conflicts(['upstream', 'upstreamCa', 'listen', 'tlsCertificateOut'])
        .default(false),
    )
    .option('--json', 'print the list as JSON', false)
    .action(async (name: string | undefined, options) =>
      context.end((await import('../commands/deviate.ts')).deviate(name, options, context)),
    );

  padlock
    .command('ca-server')
    .description('start a CA server on loopback until Ctrl-C, and print the padlock ca that tests it')
    .argument('<id>', 'the CA server: pebble, step-ca, caddy or acme2certifier')
    .action(async (id: string) => context.end((await import('../commands/ca-server.ts')).caServer(id, context)));

  return caCommand.addOption(configOption());
}

/** Parses a number that something is divided by or that limits a time. */
function positiveNumber(text: string): number {
  const number = Number(text);
  if (text.trim() !== '' && Number.isFinite(number) && number > 0) return number;
  throw new InvalidArgumentError('it must be a number above 0.');
}

/** Parses a number of things. */
function wholeNumber(text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw new InvalidArgumentError('it must be a whole number of at least 0.');
}
