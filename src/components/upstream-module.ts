import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { UserError } from '../user-error.ts';
import { ensureGo } from './go-toolchain.ts';
import { goEnvironment } from './run-recipe.ts';

const run = promisify(execFile);

/** The output of `go mod download -json` for one module. */
const downloadSchema = z.object({
  Version: z.string().optional(),
  Dir: z.string().optional(),
  Sum: z.string().optional(),
  Error: z.string().optional(),
});

/** An unpacked Go module of an upstream project, at a version that the user chose. */
export interface UpstreamModule {
  readonly module: string;
  /** As resolved by the go command: a pseudo-version if the tag is not a semantic version. */
  readonly version: string;
  readonly folder: string;
  /** The go command's hash of the contents (h1), which it verifies against the checksum database. */
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
  /** The folder of the Go toolchain; by default the pinned one, which is downloaded if the cache lacks it. */
  readonly go?: string;
  readonly signal: AbortSignal;
}

/**
 * Downloads a module for its files. go.sum pins the versions of `components/`. A version that a user chose is verified against the checksum
 * database, and reports contain its hash.
 *
 * @throws UserError (2) if the version does not exist
 */
export async function upstreamModule(choice: UpstreamChoice): Promise<UpstreamModule> {
  const { module, version, chosenBy, cache, signal } = choice;
  const args = ['mod', 'download', '-json', `${module}@${version}`];
  const go = choice.go ?? (await ensureGo({ cache, signal, onInstalling: () => {} }));
  const options = { cwd: cache, env: goEnvironment(cache, go), signal };
  const stdout = await run(join(go, 'bin', 'go'), args, options).then(
    (done) => done.stdout,
    (error: NodeJS.ErrnoException & { readonly stdout?: string }) => {
      if (signal.aborted || !error.stdout) throw error;
      return error.stdout;
    },
  );
  const { Version, Dir, Sum, Error: problem } = downloadSchema.parse(JSON.parse(stdout));
  if (Version === undefined || Dir === undefined || Sum === undefined) {
    const why = problem?.split('\n').at(-1)?.trim() ?? 'the go command said nothing';
    throw new UserError(
      `${chosenBy} ${version}: this version of the Go module ${module} cannot be downloaded (${why}).`,
    );
  }
  return { module, version: Version, folder: Dir, sum: Sum };
}
