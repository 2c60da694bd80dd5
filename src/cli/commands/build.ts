import { resolve } from 'node:path';
import { type TakenArchive, takeArchive, writeArchive } from '../../archive/index.ts';
import { loadSigningKey, loadVerificationKey } from '../../attest/index.ts';
import { builtComponents, tellBuild } from '../../bring-up/built-components.ts';
import {
  buildComponents,
  cacheFolder,
  catalogue,
  type Selection,
  slotsOf,
  unfilledSlots,
} from '../../components/index.ts';
import { RunNarrator } from '../../progress/run-narrator.ts';
import { UserError } from '../../user-error.ts';
import type { CommandContext } from './command-context.ts';

interface BuildCommandOptions {
  readonly all: boolean;
  readonly force: boolean;
  readonly jsonLines?: string;
  readonly export?: string;
  readonly attest?: string;
  readonly import?: string;
  readonly key?: string;
}

/** `padlock build [COMPONENT…]`, with `--export` into an archive, or `--import` from one instead of building */
export async function build(
  ids: readonly string[],
  options: BuildCommandOptions,
  context: CommandContext,
): Promise<number> {
  checkOptions(ids, options);
  return options.import === undefined
    ? await buildAndExport(ids, options, context)
    : await importArchive(options.import, options, context);
}

function checkOptions(ids: readonly string[], options: BuildCommandOptions): void {
  const { all, force, attest, key } = options;
  if (all && ids.length > 0) throw new UserError('Name components or pass --all, not both.');
  if (options.import === undefined) {
    if (key !== undefined) throw new UserError('--key verifies the archive of --import, which is not there.');
    if (attest !== undefined && options.export === undefined)
      throw new UserError('--attest signs the archive of --export, which is not there.');
    return;
  }
  const others = [
    [ids.length > 0, 'components'],
    [all, '--all'],
    [force, '--force'],
    [options.export !== undefined, '--export'],
    [attest !== undefined, '--attest'],
  ] as const;
  const besides = others.flatMap(([given, name]) => (given ? [name] : []));
  if (besides.length > 0)
    throw new UserError(`--import takes what its archive contains: leave out ${besides.join(', ')}.`);
}

function selectionOf(ids: readonly string[], all: boolean): Selection {
  // A variant cannot be beside what it stands in for: it is named, or a run asks for it.
  if (all)
    return {
      besides: catalogue.flatMap(({ id, optional, variantOf }) => (optional && variantOf === undefined ? [id] : [])),
    };
  return ids.length > 0 ? { only: ids } : {};
}

async function buildAndExport(
  ids: readonly string[],
  { all, force, jsonLines, attest, ...options }: BuildCommandOptions,
  { signal }: CommandContext,
): Promise<number> {
  const key = attest === undefined ? null : await loadSigningKey(attest);
  using narrator = RunNarrator.open({ command: 'build', jsonLines, signal });
  const selection = selectionOf(ids, all);
  // --force is for those who do not trust what is there: it takes nothing from an archive either.
  const components = force
    ? await buildComponents({ ...selection, force, signal, onProgress: (event) => tellBuild(narrator, event) })
    : await builtComponents(narrator, signal, selection);
  const file = options.export === undefined ? null : resolve(options.export);
  if (file === null) {
    narrator.end('ready');
    process.stderr.write(`All components are built in ${components.cache}.\n`);
    return 0;
  }
  const slots = await slotsOf(selection, components.cache);
  narrator.tell({ kind: 'run-phase', phase: `writing ${slots.length} components into the archive ${file}` });
  const { bytes, sha256 } = await writeArchive({ file, slots, key, signal });
  narrator.end('ready');
  for (const warning of key?.warnings ?? []) process.stderr.write(`${warning}\n`);
  process.stderr.write(
    `${slots.length} components are in ${file} (${Math.ceil(bytes / 1e6)} MB, ${key === null ? 'not signed' : `signed with ${key.scheme}`}). Take them with 'padlock build --import', or set PADLOCK_ARCHIVE.\n`,
  );
  process.stdout.write(`sha256:${sha256}\n`);
  return 0;
}

async function importArchive(
  from: string,
  { jsonLines, key: keyFile }: BuildCommandOptions,
  { signal }: CommandContext,
): Promise<number> {
  const key = keyFile === undefined ? null : { file: keyFile, verification: await loadVerificationKey(keyFile) };
  const cache = cacheFolder();
  using narrator = RunNarrator.open({ command: 'build', jsonLines, signal });
  const archive = await takeArchive({
    from,
    key,
    slots: await slotsOf({ only: catalogue.map(({ id }) => id) }, cache),
    partly: false,
    cache,
    signal,
    onWaiting: () => narrator.tell({ kind: 'build-waiting' }),
    onOpened: ({ title, bytes }) =>
      narrator.tell({
        kind: 'run-phase',
        phase: `taking components from the archive ${title}${bytes === null ? '' : ` (${Math.ceil(bytes / 1e6)} MB)`}`,
      }),
  });
  const missing = await unfilledSlots(await slotsOf({}, cache));
  if (missing.length === 0) {
    // Makes the images of a run, which takes seconds and compiles nothing.
    narrator.tell({ kind: 'run-phase', phase: 'making the images' });
    await buildComponents({ signal, onProgress: (event) => tellBuild(narrator, event) });
  }
  narrator.end('ready');
  process.stderr.write(`${sentenceOf(archive, keyFile)}\n`);
  process.stderr.write(
    missing.length === 0
      ? `Everything that a run needs is in ${cache}.\n`
      : `A run also needs ${missing.map(({ component }) => component.id).join(', ')}, which 'padlock build' builds.\n`,
  );
  return 0;
}

function sentenceOf({ title, taken, kept, signature }: TakenArchive, keyFile: string | undefined): string {
  const signed = {
    verified: `It is signed with the key ${keyFile}.`,
    'not-checked': 'Its signature was not checked, because no --key was given.',
    none: 'It is not signed.',
  }[signature];
  const were = kept.length === 0 ? '' : ` ${kept.length} of its components were in the cache before.`;
  return `Took ${taken.length} components from ${title}; each file has its digest. ${signed}${were}`;
}
