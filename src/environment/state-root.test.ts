import { homedir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { stateRoot } from './state-root.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

test('keeps state below $XDG_STATE_HOME', () => {
  vi.stubEnv('XDG_STATE_HOME', '/srv/state');
  expect(stateRoot()).toBe('/srv/state/padlock');
});

// XDG Base Directory Specification: a relative path is invalid and to be ignored.
test.each([undefined, '', 'relative/state'])('is below the home folder if the variable is %o', (value) => {
  vi.stubEnv('XDG_STATE_HOME', value);
  expect(stateRoot()).toBe(join(homedir(), '.local', 'state', 'padlock'));
});
