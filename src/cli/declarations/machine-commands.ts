import { type Command, Option } from 'commander';
import { UserError } from '../../user-error.ts';
import type { CommandContext } from '../commands/command-context.ts';
import { addEnvironmentOptions } from '../options/environment-options.ts';
import { timeScaleOption } from './time-scale-option.ts';

/** The commands on what this machine has and what is built on it: doctor, build, cache and images. */
export function addMachineCommands(padlock: Command, context: CommandContext): void {
  const doctor = padlock
    .command('doctor')
    .description(
      'check whether this machine can run a cell; with --prove, whether the checks turn red on an environment',
    )
    .option('--prove', 'stage each fault once, and see the checks of a scenario turn red there', false)
    .option('--report <folder>', 'with --prove: keep the proof and the evidence of each fault there')
    .addOption(
      new Option('--skip <part...>', 'with --prove: leave out the browser').choices(['browser']).default([], 'none'),
    )
    .option('--json', 'print JSON', false)
    .option('--json-lines <file>', 'with --prove: write progress events to a file, one JSON object per line')
    .addOption(timeScaleOption())
    .action(async (options, command: Command) => {
      if (options.prove)
        return context.end((await import('../commands/doctor-prove.ts')).doctorProve(options, context));
      refuseWithoutProve(command);
      return context.end((await import('../commands/doctor.ts')).doctor(options));
    });
  addEnvironmentOptions(doctor, 'doctor');

  padlock
    .command('build')
    .description('build the pinned components that are not in the cache, or take them from an archive')
    .argument('[component...]', 'only these components (default: those that a run needs)')
    .option('--all', 'also those that only some runs and tests need: step-ca, kind, toxiproxy, conformance', false)
    .option('--force', 'also rebuild what is in the cache', false)
    .option('--export <file>', 'then write them into one archive for other machines; its digest is printed on stdout')
    .option(
      '--attest <key>',
      'sign the archive with this private key (PEM); its passphrase is read from PADLOCK_ATTEST_PASSPHRASE',
    )
    .option('--import <file-or-url>', 'instead of building, take all components of an archive of --export')
    .option(
      '--key <file>',
      'demand that the archive is signed with this key: public key, certificate or private key (PEM)',
    )
    .option('--json-lines <file>', 'write progress events to a file, one JSON object per line; - is stdout')
    .action(async (ids: string[], options) =>
      context.end((await import('../commands/build.ts')).build(ids, options, context)),
    );

  const cache = padlock
    .command('cache')
    .description('what is kept on this machine between runs: components, images, Node, Go and its caches');
  cache
    .command('list')
    .description('list it by size, and whether this version of Padlock uses it')
    .option('--json', 'print JSON', false)
    .action(async (options) => context.end((await import('../commands/cache.ts')).listCache(options)));
  cache
    .command('prune')
    .description('remove what was made for other versions of components, and what interrupted commands left')
    .option('--build-caches', "also remove Go's caches, without which the next build takes minutes", false)
    .action(async (options) => context.end((await import('../commands/cache.ts')).prune(options, context)));

  padlock
    .command('images')
    .description('list the images of a run with their digests, or save them as OCI archives')
    .option('--json', 'print JSON', false)
    .option('--save <folder>', 'save the images there as OCI archives, with an index images.json')
    .action(async (options) => context.end((await import('../commands/images.ts')).images(options, context)));
}

/** @throws UserError (2) naming the options that only a proof takes */
function refuseWithoutProve(doctor: Command): void {
  const given = doctor.options.filter(
    (option) => option.attributeName() !== 'json' && doctor.getOptionValueSource(option.attributeName()) === 'cli',
  );
  if (given.length === 0) return;
  throw new UserError(`${given.map(({ long }) => long).join(', ')} ${given.length === 1 ? 'needs' : 'need'} --prove.`);
}
