import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { folderOfTests } from './folder-of-tests.ts';
import { registryOfInstalled } from './installed-packages-registry.ts';
import { leftSince, lookAtMachine, nothing } from './machine.ts';

const root = join(import.meta.dirname, '..');
const before = lookAtMachine();
const folder = folderOfTests();
const project = join(folder, 'shop');
const npmSettings = ['--no-audit', '--no-fund', '--ignore-scripts', '--loglevel', 'error'];

/** Runs a program to its end; shows what it printed where it fails. */
async function runIn(directory: string, program: string, ...args: readonly string[]): Promise<string> {
  const child = spawn(program, args, { cwd: directory, stdio: ['ignore', 'pipe', 'pipe'] });
  const [out, err, [exitCode]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  expect(exitCode, `${program} ${args.join(' ')}\n${out}${err}`).toBe(0);
  return `${out}${err}`;
}

beforeAll(async () => {
  await cp(join(import.meta.dirname, 'project'), project, { recursive: true });
  await cp(join(root, 'examples', 'scenarios'), join(project, 'my-scenarios'), { recursive: true });
  await runIn(root, 'npm', 'pack', '--silent', '--pack-destination', folder);
  const { version, devDependencies } = z
    .object({ version: z.string(), devDependencies: z.object({ vitest: z.string(), typescript: z.string() }) })
    .parse(JSON.parse(await readFile(join(root, 'package.json'), 'utf8')));
  await writeFile(
    join(project, 'package.json'),
    JSON.stringify({
      ...{ name: 'shop', private: true, type: 'module' },
      devDependencies: { ...devDependencies, padlock: `file:../padlock-${version}.tgz` },
    }),
  );
  await using registry = await registryOfInstalled(root);
  const cache = join(folder, 'npm-cache');
  await runIn(project, 'npm', 'install', ...npmSettings, '--registry', registry.url, '--cache', cache);
});

describe('the package in an empty project, installed by npm without a network', () => {
  test("a user's scenarios and tests pass the strict type check, declarations of packages included", async () => {
    await runIn(project, 'npx', 'tsc', '--project', '.');
  });

  test("the command lists a user's scenarios", async () => {
    const listed = await runIn(project, 'npx', 'padlock', 'list', './my-scenarios');
    expect(listed).toContain('shop-behind-the-gateway');
    expect(listed).toContain('certificate-names-the-host-alone');
  });

  test("a user's tests start a cell, run scenarios in it and judge their evidence, and nothing is left", async () => {
    await runIn(project, 'npx', 'vitest', 'run');
    expect(leftSince(before)).toEqual(nothing);
  });
});
