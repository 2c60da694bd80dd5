import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { pebble } from '../../ca-servers/pebble/pebble.ts';
import { stepCa } from '../../ca-servers/step-ca/step-ca.ts';
import { pinnedComponent } from '../../components/index.ts';
import { caComponents } from './ca-components.ts';
import { ownCa, writeCaRoots } from './own-ca.ts';
import { publishedImage } from './published-image.ts';

const root = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----';
const other = '-----BEGIN CERTIFICATE-----\nBBBB\n-----END CERTIFICATE-----';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'padlock-own-ca-'));
});
afterEach(() => rm(folder, { recursive: true }));

test('a CA with a management endpoint is asked for its roots, trusting the root of its directory', async () => {
  await writeCaRoots(folder, { directoryRoot: root, issuingRoots: null });
  const ca = ownCa(pebble, { address: '192.0.2.1', folder, logFile: '/logs/pebble.log' });
  const asked: string[] = [];
  const roots = await ca.roots(async (url, address, trusted) => {
    asked.push(`${url} ${address} ${trusted === root}`);
    return other;
  });
  expect(roots).toEqual([other, other]);
  expect(asked).toEqual([0, 1].map((index) => `https://acme.padlock.test:15000/roots/${index} 192.0.2.1 true`));
});

test('a CA without one has the roots that were written when it was set up', async () => {
  await writeCaRoots(folder, { directoryRoot: root, issuingRoots: [root, other] });
  const ca = ownCa(stepCa, { address: '192.0.2.1', folder, logFile: '/logs/step-ca.log' });
  expect(await ca.roots(() => Promise.reject(new Error('nobody is asked')))).toEqual([root, other]);
});

test('reports get the software, its pinned version and its settings', () => {
  const ca = ownCa(stepCa, { address: '192.0.2.1', folder, logFile: '/logs/step-ca.log' });
  const { version } = pinnedComponent('step-ca');
  expect(ca).toMatchObject({ software: 'step-ca', version, settings: { 'logger.format': 'json' } });
  expect(ca.directoryUrl).toBe('https://acme.padlock.test/acme/acme/directory');
});

test('a run builds only the component of its own CA server', () => {
  expect(caComponents(pebble)).toEqual({ besides: ['pebble'], without: ['step-ca'] });
  expect(caComponents(stepCa)).toEqual({ besides: ['step-ca'], without: ['pebble'] });
});

test('a published image has the pinned version as its tag', () => {
  const { version } = pinnedComponent('pebble');
  expect(publishedImage(pebble)).toBe(`ghcr.io/letsencrypt/pebble:${version.slice(1)}`);
  expect(() => publishedImage(stepCa)).toThrow('step-ca has no image that Padlock can start');
});
