import { expect, test } from 'vitest';
import { findBrowserPrograms } from './browser-programs.ts';

const machineWith =
  (...files: readonly string[]) =>
  async (name: string) =>
    files.find((file) => file.endsWith(`/${name}`)) ?? null;

test("takes the distribution's browser before another", async () => {
  const find = machineWith('/opt/google-chrome', '/usr/bin/chromium', '/usr/bin/certutil');
  expect(await findBrowserPrograms(find)).toEqual({ browser: '/usr/bin/chromium', certutil: '/usr/bin/certutil' });
});

test('takes any browser made of Chromium', async () => {
  const find = machineWith('/opt/google-chrome', '/usr/bin/certutil');
  expect(await findBrowserPrograms(find)).toMatchObject({ browser: '/opt/google-chrome' });
});

test.each([
  [
    'a browser',
    ['/usr/bin/certutil'],
    "This machine lacks a browser (chromium or google-chrome). Install with 'apt-get install chromium' on Debian.",
  ],
  [
    'certutil',
    ['/usr/bin/chromium'],
    "This machine lacks certutil. Install with 'apt-get install libnss3-tools' on Debian.",
  ],
  [
    'both',
    [],
    "This machine lacks a browser (chromium or google-chrome) and certutil. Install with 'apt-get install chromium libnss3-tools' on Debian.",
  ],
])('says what to install where it lacks %s', async (_, files, sentence) => {
  expect(await findBrowserPrograms(machineWith(...files))).toBe(sentence);
});
