import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, openSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { cacheFolder } from '../../src/components/index.ts';

/** The Debian releases that are tried, by the name of their suite. */
export const releases = { bookworm: 'Debian 12', trixie: 'Debian 13' } as const;
export type Release = keyof typeof releases;

/** Programs that make the images, with the Debian package of each. */
const kernelPackages = [
  'gcc',
  'make',
  'bc',
  'flex',
  'bison',
  'libelf-dev',
  'libssl-dev',
  'cpio',
  'xz-utils',
  'libc6-dev',
];
const rootPackages = ['debootstrap', 'e2fsprogs', 'openssh-client'];

/** Where kernel and root images are kept. */
export function umlFolder(): string {
  return join(cacheFolder(), 'uml');
}

/**
 * The User-mode Linux kernel, built unless it is in the cache.
 *
 * @returns its program
 * @throws Error with the log's last lines when it could not be built
 */
export function kernel(): string {
  const folder = kept('kernel', ['kernel.sh', 'kernel.config', 'debian.sh'], (unfinished) => {
    install(kernelPackages);
    run('kernel.sh', unfinished);
  });
  return join(folder, 'linux');
}

/**
 * The image of a Debian release's root file system, made unless it is in the cache.
 *
 * @returns its file, for reading only
 * @throws Error with the log's last lines when it could not be made
 */
export function rootImage(release: Release): string {
  const folder = kept(`root-${release}`, ['root-image.sh', 'debian.sh'], (unfinished) => {
    install(rootPackages);
    mkdirSync(unfinished);
    run('root-image.sh', release, join(unfinished, 'root.img'));
  });
  return join(folder, 'root.img');
}

/** A folder of the cache by the content of the files that make it. An older one of the same name goes. */
function kept(name: string, madeBy: readonly string[], make: (unfinished: string) => void): string {
  const hash = createHash('sha256');
  for (const file of madeBy) hash.update(readFileSync(join(import.meta.dirname, file)));
  const folder = join(umlFolder(), `${name}-${hash.digest('hex').slice(0, 16)}`);
  if (existsSync(folder)) return folder;
  mkdirSync(umlFolder(), { recursive: true });
  const unfinished = `${folder}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  make(unfinished);
  for (const other of readdirSync(umlFolder())) {
    const isOlder = other.replace(/-[0-9a-f]{16}$/, '') === name;
    if (isOlder) rmSync(join(umlFolder(), other), { recursive: true });
  }
  renameSync(unfinished, folder);
  return folder;
}

/** Debian packages that are missing; their services are not started. */
function install(packages: readonly string[]): void {
  const isInstalled = (name: string) =>
    spawnSync('dpkg', ['--status', name], { encoding: 'utf8' }).stdout.includes('install ok installed');
  const missing = packages.filter((name) => !isInstalled(name));
  if (missing.length === 0) return;
  const script = join(import.meta.dirname, '..', '..', 'scripts', 'install-packages.sh');
  const { status } = spawnSync(script, missing, { stdio: ['ignore', 2, 2] });
  if (status !== 0) throw new Error(`apt-get could not install ${missing.join(' ')}`);
}

function run(script: string, ...args: readonly string[]): void {
  const log = join(cacheFolder(), 'logs', `uml-${basename(script, '.sh')}.log`);
  mkdirSync(join(log, '..'), { recursive: true });
  process.stderr.write(`e2e/uml/${script} ${args.join(' ')}: its log is ${log}\n`);
  const output = openSync(log, 'w');
  const { status } = spawnSync(join(import.meta.dirname, script), args, { stdio: ['ignore', output, output] });
  if (status === 0) return;
  const lastLines = readFileSync(log, 'utf8').trimEnd().split('\n').slice(-15).join('\n');
  throw new Error(`e2e/uml/${script} ended with ${status}; the last lines of ${log}:\n${lastLines}`);
}
