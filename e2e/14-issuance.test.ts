import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { reportSchema } from '../src/report/report.ts';
import { isExhaustive } from '../src/test/exhaustive.ts';
import { folderOfTests } from './folder-of-tests.ts';
import { leftSince, lookAtMachine, nothing } from './machine.ts';
import { padlock } from './padlock-command.ts';

/** A case of each kind; the others differ from one of these in a value. */
const eachTime: readonly string[] = [
  'key-ecdsa-256',
  'key-ed25519',
  'rotation-never',
  'wildcard-and-apex',
  'dns01-delegated',
  'profile-unknown',
  'short-lived',
  'external-account-wrong-key',
  'cluster-issuer',
  'selectors',
  'selectors-none-fits',
  'ingress-annotation',
  'gateway-annotation',
  'ip-address',
  'name-refused-repaired',
];

const before = lookAtMachine();
const folder = folderOfTests();

test('the suite issuance passes, every check of it, and leaves nothing', async () => {
  const wanted = isExhaustive ? ['issuance'] : eachTime;
  const report = join(folder, 'issuance');
  const { exitCode, stderr } = await padlock(['run', ...wanted, '--skip', 'browser', '--report', report]);
  expect(exitCode, stderr).toBe(0);
  const { scenarios } = reportSchema.parse(JSON.parse(await readFile(join(report, 'report.json'), 'utf8')));
  expect(scenarios.length).toBeGreaterThanOrEqual(eachTime.length);
  expect(scenarios.filter(({ result }) => result !== 'passed').map(({ id }) => id)).toEqual([]);
  expect(scenarios.flatMap(({ checks }) => checks.filter(({ result }) => result !== 'passed'))).toEqual([]);
  expect(leftSince(before)).toEqual(nothing);
});
