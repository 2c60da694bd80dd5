import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cellPaths } from '../src/environment/cell/cell-paths.ts';
import { recoveryOf } from '../src/issuance/recovery.ts';
import { loadReportSchema } from '../src/load/load-report.ts';
import { checksProofSchema } from '../src/prove/checks-proof.ts';
import { parseEvidence } from '../src/report/folder/read-evidence.ts';
import { isExhaustive } from '../src/test/exhaustive.ts';
import { folderOfTests } from './folder-of-tests.ts';
import { padlock } from './padlock-command.ts';
import { SecretsOfCell } from './secrets-of-cell.ts';

const name = 'e2e-strained';
const folder = folderOfTests();

/** One that ends before it is noticed, and one of the CA; all others are behind `--exhaustive`. */
const eachTime: readonly string[] = ['ca-slow', 'solver-evicted'];

let secrets: SecretsOfCell;
/** What was printed, by what printed it. */
const printed: Record<string, string> = {};

beforeAll(async () => {
  const { exitCode, stderr } = await padlock(['up', '--name', name]);
  expect(exitCode, stderr).toBe(0);
  secrets = await SecretsOfCell.watch(name);
});
afterAll(async () => {
  await secrets[Symbol.asyncDispose]();
  await padlock(['down', name]);
});

/** Half of all failures change the whole cluster, so they come one after the other. */
const withinMs = isExhaustive ? 5_400_000 : 600_000;

test(
  'a renewal recovers from failures, by itself, and the old certificate is served all along',
  async () => {
    const wanted = isExhaustive ? ['resilience'] : eachTime;
    const report = join(folder, 'resilience');
    const { exitCode, stderr, stdout } = await padlock([
      'run',
      ...wanted,
      '--on',
      name,
      '--skip',
      'browser',
      '--report',
      report,
    ]);
    printed.run = `${stderr}${stdout}`;
    expect(exitCode, stderr).toBe(0);
    for (const id of eachTime) {
      const file = join(report, 'evidence', `${id}.json`);
      const recovery = recoveryOf(parseEvidence(file, await readFile(file)));
      expect(recovery).toMatchObject({ kind: 'by-itself', failedHandshakes: 0 });
      expect(recovery?.handshakes).toBeGreaterThan(50);
    }
    const verified = await padlock(['verify', report]);
    expect(verified.exitCode, verified.stdout).toBe(0);
  },
  withinMs,
);

test('doctor --prove sees each check turn red', async () => {
  const proven = await padlock(['doctor', '--prove', '--on', name, '--skip', 'browser', '--json']);
  printed['doctor --prove'] = `${proven.stderr}${proven.stdout}`;
  expect(proven.exitCode, proven.stderr).toBe(0);
  const { result, withoutFault, faults } = checksProofSchema.parse(JSON.parse(proven.stdout));
  expect(result).toBe('passed');
  expect(withoutFault).toMatchObject({ passed: true, red: [] });
  expect(faults.length).toBeGreaterThan(2);
  expect(faults.flatMap(({ stayedGreen }) => stayedGreen)).toEqual([]);
});

test('load issues and serves a few certificates, and its report follows from what was recorded', async () => {
  const report = join(folder, 'load');
  const args = ['load', '--certificates', '5', '--hosts-per-gateway', '3', '--on', name, '--report', report];
  const { exitCode, stderr, stdout } = await padlock(args);
  printed.load = `${stderr}${stdout}`;
  expect(exitCode, stderr).toBe(0);
  const { outcome, perCertificate, parts } = loadReportSchema.parse(
    JSON.parse(await readFile(join(report, 'load.json'), 'utf8')),
  );
  expect(outcome).toMatchObject({ ready: 5, served: 5, stalled: null });
  expect(perCertificate.apiRequests).toBeGreaterThan(10);
  expect(parts.map(({ part }) => part)).toEqual(
    expect.arrayContaining(['gateway', 'istiod', 'cert-manager controller']),
  );
  const verified = await padlock(['verify', report]);
  expect(verified.exitCode, verified.stdout).toBe(0);
  expect(verified.stdout).toContain('follows from what was recorded');
});

test('nothing that was written or printed has a secret of the cell', async () => {
  const bundle = join(folder, 'bundle');
  const { exitCode, stderr, stdout } = await padlock(['bundle', '--name', name, '--output', bundle]);
  expect(exitCode, stderr).toBe(0);
  const written = [join(folder, 'resilience'), join(folder, 'load'), bundle];
  expect(await secrets.foundIn(written, { ...printed, bundle: `${stderr}${stdout}` })).toEqual([]);
  const { kubeconfig } = cellPaths(name);
  const control = await secrets.foundIn([], { kubeconfig: await readFile(kubeconfig, 'utf8') });
  expect(control).toEqual(['kubeconfig: the key of the kubeconfig']);
  // Keys of accounts and certificates were among them.
  expect(secrets.count).toBeGreaterThan(10);
});
