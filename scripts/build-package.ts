/**
 * Makes `dist/`, the contents of the npm package: compiled modules in the places of their sources, with the files that they read, so
 * that every path is as in a checkout. `npm pack` runs it. See docs/decisions/0023-the-npm-package.md.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';

const root = join(import.meta.dirname, '..');
const dist = join(root, 'dist');

/** Folders whose files are copied, except TypeScript, which is compiled, and what only a checkout needs. */
const folders = ['components', 'faults', 'fixtures', 'reports/schema', 'suites', 'src'];
const files = ['LICENSE', 'kubectl-padlock', 'padlock', 'scripts/own-programs.sh', 'scripts/trusted-roots.sh'];

rmSync(dist, { recursive: true, force: true });
execFileSync(
  process.execPath,
  [join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', 'tsconfig.package.json'],
  {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  },
);
for (const folder of folders) copyFolder(folder);
for (const file of files) copyFile(file);
for (const program of ['kubectl-padlock', 'padlock']) chmodSync(join(dist, program), 0o755);

function copyFolder(folder: string): void {
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (entry.name !== 'node_modules') copyFolder(path);
    } else if (isCopied(path)) copyFile(path);
  }
}

function isCopied(path: string): boolean {
  // A component's key covers all of its files but these (src/components/component-key.ts).
  if (path.startsWith('components/')) return !/_test\.go$|\.md$/.test(path);
  return !/\.ts$|\.md$|\/recorded-reports\//.test(path) && !existsSync(join(dist, path));
}

function copyFile(path: string): void {
  mkdirSync(dirname(join(dist, path)), { recursive: true });
  cpSync(join(root, path), join(dist, path));
}
