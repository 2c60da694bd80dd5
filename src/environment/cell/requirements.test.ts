import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import type { findBrowserPrograms } from '../../browser-programs.ts';
import { useStateFolder } from '../state-folder-fixture.ts';
import { checkRequirements, requiredPrograms } from './requirements.ts';

const stateFolder = useStateFolder();

afterEach(() => {
  vi.restoreAllMocks();
});

// What is tried by making namespaces needs root: the end-to-end tests see it.
async function requirementsWithoutRoot(programs = requiredPrograms, findBrowser?: typeof findBrowserPrograms) {
  vi.spyOn(process, 'getuid').mockReturnValue(1000);
  return new Map((await checkRequirements(programs, findBrowser)).map((requirement) => [requirement.id, requirement]));
}

test('says to run as root, and tries nothing that needs it', async () => {
  const requirements = await requirementsWithoutRoot();
  expect(requirements.get('root')).toEqual({
    id: 'root',
    optional: false,
    met: false,
    message: 'a cell creates namespaces and cgroups: run as root',
  });
  expect([...requirements.keys()]).toEqual(['linux', 'root', 'programs', 'cgroups', 'memory', 'disk', 'browser']);
});

test('names missing programs with their packages, and what installs them', async () => {
  const programs = { sh: 'dash', 'no-such-program': 'its-package', '/no/such/plugin': 'its-plugins' };
  expect((await requirementsWithoutRoot(programs)).get('programs')).toEqual({
    id: 'programs',
    optional: false,
    met: false,
    message:
      "missing: no-such-program (package its-package), /no/such/plugin (package its-plugins); './padlock up' installs them on Debian and Ubuntu",
  });
});

test('measures the disk at the nearest folder that is there', async () => {
  vi.stubEnv('XDG_STATE_HOME', join(stateFolder(), 'not', 'made', 'yet'));
  const disk = (await requirementsWithoutRoot()).get('disk');
  expect(disk?.message).toContain(` free at ${stateFolder()}`);
  if (!disk?.met) expect(disk?.message).toContain('set XDG_STATE_HOME and XDG_CACHE_HOME');
});

test('knows the package of every program', () => {
  for (const debianPackage of Object.values(requiredPrograms)) expect(debianPackage).toMatch(/^[a-z0-9][a-z0-9+.-]+$/);
});

test('treats the browser as optional, and says what to install if it is missing', async () => {
  const without = await requirementsWithoutRoot(
    requiredPrograms,
    async () => 'This machine lacks certutil: install it.',
  );
  expect(without.get('browser')).toEqual({
    id: 'browser',
    optional: true,
    met: false,
    message: 'the browser check will be skipped: This machine lacks certutil: install it.',
  });
  const programs = { browser: '/usr/bin/chromium', certutil: '/usr/bin/certutil' };
  const having = await requirementsWithoutRoot(requiredPrograms, async () => programs);
  expect(having.get('browser')).toEqual({
    id: 'browser',
    optional: true,
    met: true,
    message: '/usr/bin/chromium, with /usr/bin/certutil',
  });
});
