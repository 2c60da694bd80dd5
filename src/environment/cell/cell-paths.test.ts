import { afterEach, expect, test, vi } from 'vitest';
import { cellPaths, cellsRoot } from './cell-paths.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

test('keeps state below $XDG_STATE_HOME', () => {
  vi.stubEnv('XDG_STATE_HOME', '/srv/state');
  expect(cellsRoot()).toBe('/srv/state/padlock/cells');
});

test('keeps all of a cell in one folder', () => {
  vi.stubEnv('XDG_STATE_HOME', '/srv/state');
  const paths = cellPaths('default');
  expect(paths.root).toBe('/srv/state/padlock/cells/default');
  for (const path of Object.values(paths)) expect(`${path}/`).toContain(`${paths.root}/`);
  expect(paths.pki.startsWith(`${paths.node}/`)).toBe(true);
});
