import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { findBrowserPrograms } from '../../browser-programs.ts';
import { visitPage } from './browser-visit.ts';

vi.mock('../../browser-programs.ts');

const request = {
  id: 1,
  name: 'browser-control',
  url: 'https://shop.example.test/',
  trust: 'none',
  roots: [],
  withinMs: 5_000,
  screenshot: true,
  scratch: '/tmp',
} as const;

test('says why no browser could be asked', async () => {
  vi.mocked(findBrowserPrograms).mockResolvedValue('This machine lacks certutil.');
  expect(await visitPage(request, new AbortController().signal)).toEqual({
    probe: {
      kind: 'browser',
      name: 'browser-control',
      at: expect.stringMatching(/Z$/),
      durationMs: 0,
      url: 'https://shop.example.test/',
      trust: 'none',
      browser: null,
      outcome: { unavailable: 'This machine lacks certutil.' },
    },
    screenshot: null,
  });
});

test.each([
  ['certutil that fails', { browser: '/bin/false', certutil: '/bin/false' }, '/bin/false ended with status 1'],
  ['a browser that does not start', { browser: '/bin/false', certutil: '/bin/true' }, '/bin/false did not start: '],
])('tells of %s', async (_, programs, error) => {
  vi.mocked(findBrowserPrograms).mockResolvedValue(programs);
  const { probe } = await visitPage(request, new AbortController().signal);
  expect(probe).toMatchObject({ browser: null, outcome: { code: null, error: expect.stringContaining(error) } });
});

test('quotes the last words of a browser that ends at once', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'padlock-browser-test-'));
  const browser = join(folder, 'browser');
  await writeFile(browser, '#!/bin/sh\necho first >&2; echo no display >&2; exit 1\n', { mode: 0o755 });
  vi.mocked(findBrowserPrograms).mockResolvedValue({ browser, certutil: '/bin/true' });
  const { probe } = await visitPage({ ...request, scratch: folder }, new AbortController().signal);
  await rm(folder, { recursive: true });
  expect(probe.outcome).toEqual({ error: `${browser} did not start: no display`, code: null });
});
