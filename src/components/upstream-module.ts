import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { z } from 'zod';
import { UserError } from '../user-error.ts';
import { goEnvironment } from './run-recipe.ts';

const run = promisify(execFile);

/** What `go mod download -json` says of one module. */
const downloadSchema = z.object({
  Version: z.string().optional(),
  Dir: z.string().optional(),
  Sum: z.string().optional(),
  Error: z.string().optional(),
});

/** An upstream project's Go module, unpacked, at a version that the user chose. */
export interface UpstreamModule {
  readonly module: string;
  /** As the go command resolved it: of a tag that is no semantic version, a pseudo-version. */
  readonly version: string;
  readonly folder: string;
  /** The go command's own hash of the contents (h1), which it holds against the checksum database. */
  readonly sum: string;
}

export interface UpstreamChoice {
  readonly module: string;
  /** A tag of the project. */
  readonly version: string;
  /** The option or setting that chose it, for the error. */
  readonly chosenBy: string;
  /** The cache's root. */
  readonly cache: string;
  readonly signal: AbortSignal;
}

/**
 * Downloads a module for the files in it. The versions of `components/` are pinned by go.sum; of one that a user chooses only the
 * checksum database knows what it should be, and reports name its hash.
 *
 * @throws UserError (2) where there is no such version
 */
export async function upstreamModule(choice: UpstreamChoice): Promise<UpstreamModule> {
  const { module, version, chosenBy, cache, signal } = choice;
  const args = ['mod', 'download', '-json', `${module}@${version}`];
  const options = { cwd: cache, env: goEnvironment(cache), signal };
  const stdout = await run('go', args, options).then(
    (done) => done.stdout,
    (error: NodeJS.ErrnoException & { readonly stdout?: string }) => {
      if (signal.aborted || !error.stdout) throw error;
      return error.stdout;
    },
  );
  const { Version, Dir, Sum, Error: problem } = downloadSchema.parse(JSON.parse(stdout));
  if (Version === undefined || Dir === undefined || Sum === undefined) {
    const why = problem?.split('\n').at(-1)?.trim() ?? 'the go command said nothing';
    throw new UserError(`${chosenBy} ${version}: the Go module ${module} could not be had in this version (${why}).`);
  }
  return { module, version: Version, folder: Dir, sum: Sum };
}
