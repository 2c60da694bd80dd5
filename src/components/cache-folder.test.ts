import { homedir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { cacheFolder } from './cache-folder.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

test.each([
  ['/srv/padlock', '/srv/cache', '/srv/padlock'],
  [undefined, '/srv/cache', '/srv/cache/padlock'],
  ['', '/srv/cache', '/srv/cache/padlock'],
  ['relative', '/srv/cache', '/srv/cache/padlock'],
  [undefined, undefined, join(homedir(), '.cache', 'padlock')],
  [undefined, 'relative', join(homedir(), '.cache', 'padlock')],
])('with PADLOCK_CACHE %o and XDG_CACHE_HOME %o it is %s', (own, general, expected) => {
  vi.stubEnv('PADLOCK_CACHE', own);
  vi.stubEnv('XDG_CACHE_HOME', general);
  expect(cacheFolder()).toBe(expected);
});
