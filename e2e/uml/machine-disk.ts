import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { cacheFolder } from '../../src/components/index.ts';

const project = join(import.meta.dirname, '..', '..');

/** What of the cache a warm machine has: not the sources, objects and images of what is built from them. */
const keptOfCache = ['components', 'images', 'image-stores', 'manifests', 'node', 'prepared-states'];

/** Copies a tree by hard links, which costs neither time nor space. */
function linkTree(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  try {
    execFileSync('cp', ['--archive', '--link', from, to], { stdio: 'pipe' });
  } catch {
    // On another file system.
    rmSync(to, { recursive: true, force: true });
    execFileSync('cp', ['--archive', from, to]);
  }
}

/** The files of the checkout that git tracks or would track. */
function filesOfProject(): string[] {
  const listed = execFileSync('git', ['-C', project, 'ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    encoding: 'utf8',
  });
  return listed.split('\0').filter((file) => file !== '' && existsSync(join(project, file)));
}

/**
 * Makes the disk that the machine mounts on /srv: this checkout with its npm packages in /srv/padlock, a warm cache in
 * /srv/cache, and Node in /srv/bin. It has no compiler.
 *
 * @param image the file to make; a folder beside it is used meanwhile
 */
export function makeMachineDisk(image: string, size = '16G'): void {
  const tree = `${image}.tree`;
  rmSync(tree, { recursive: true, force: true });
  try {
    for (const file of filesOfProject()) cpSync(join(project, file), join(tree, 'padlock', file), { recursive: true });
    linkTree(join(project, 'node_modules'), join(tree, 'padlock', 'node_modules'));
    const stamp = join(tree, 'padlock', 'node_modules', '.padlock-stamp');
    rmSync(stamp, { force: true });
    writeFileSync(stamp, '');
    const cache = cacheFolder();
    for (const part of readdirSync(cache).filter((name) => keptOfCache.includes(name)))
      linkTree(join(cache, part), join(tree, 'cache', part));
    linkTree(process.execPath, join(tree, 'bin', 'node'));
    execFileSync('truncate', [`--size=${size}`, image]);
    execFileSync('mkfs.ext4', ['-q', '-L', 'srv', '-d', tree, image], {
      stdio: 'pipe',
      env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` },
    });
  } finally {
    rmSync(tree, { recursive: true, force: true });
  }
}
