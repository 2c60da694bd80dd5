import { expect, test } from 'vitest';
import { kindPaths } from './kind-paths.ts';

test('leaves room below the folder for programs outside for the sockets of a browser', () => {
  const { outside } = kindPaths('a'.repeat(32));
  const socket = `${outside}/browser-XXXXXX/tmp/org.chromium.Chromium.XXXXXX/SingletonSocket`;
  expect(Buffer.byteLength(socket)).toBeLessThanOrEqual(107);
});

test('gives every environment its own folder', () => {
  expect(kindPaths('a').outside).not.toBe(kindPaths('b').outside);
  expect(kindPaths('a').outside).toBe(kindPaths('a').outside);
});
