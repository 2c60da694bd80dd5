import { homedir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { cellPaths, cellsRoot, stateRoot } from './cell-paths.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

test('keeps state below $XDG_STATE_HOME', () => {
  vi.stubEnv('XDG_STATE_HOME', '/srv/state');
  expect(stateRoot()).toBe('/srv/state/padlock');
  expect(cellsRoot()).toBe('/srv/state/padlock/cells');
});

// XDG Base Directory Specification: a relative path is invalid and to be ignored.
test.each([undefined, '', 'relative/state'])('keeps it below the home folder where the variable is %o', (value) => {
  vi.stubEnv('XDG_STATE_HOME', value);
  expect(stateRoot()).toBe(join(homedir(), '.local', 'state', 'padlock'));
});

test('keeps all of a cell in one folder', () => {
  vi.stubEnv('XDG_STATE_HOME', '/srv/state');
  const paths = cellPaths('default');
  expect(paths.root).toBe('/srv/state/padlock/cells/default');
  for (const path of Object.values(paths)) expect(`${path}/`).toContain(`${paths.root}/`);
  expect(paths.pki.startsWith(`${paths.node}/`)).toBe(true);
});
