import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import packageJson from '../../../package.json' with { type: 'json' };
import { allScenarios } from '../../../suites/index.ts';
import { attestReports, loadSigningKey } from '../../attest/index.ts';
import { changeReport, evidenceName, writeKeyPair, writeTrueReport } from '../../attest/report-fixture.ts';
import { recordingName, recordingText } from '../../load/load-recording.ts';
import { loadRecording } from '../../load/load-recording-fixture.ts';
import { loadReportName } from '../../load/read-load.ts';
import { reportOfLoad } from '../../load/report-of-load.ts';
import { verify } from './verify.ts';

let root: string;
let folder: string;
let keys: { readonly private: string; readonly public: string };
let printed: string;

beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'padlock-cli-verify-'));
  keys = await writeKeyPair(root, 'key', generateKeyPairSync('ed25519').privateKey);
});
afterAll(() => rm(root, { recursive: true }));

beforeEach(async () => {
  printed = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += text;
    return true;
  });
  folder = await mkdtemp(path.join(root, 'report-'));
  const scenario = allScenarios.find(({ id }) => id === 'http01-ingress');
  await writeTrueReport(folder, { checkIds: scenario?.checks.map(({ id }) => id) ?? [] });
  await changeReport(folder, (report) => {
    report.padlock.version = packageJson.version;
  });
  await attestReports(folder, await loadSigningKey(keys.private));
});
afterEach(() => vi.restoreAllMocks());

test('a report that holds: exit code 0, by folder or by file', async () => {
  expect(await verify(folder, { key: keys.public, json: false })).toBe(0);
  expect(printed).toMatch(/^✓ signed by the key [0-9a-f]{64} \(Ed25519\)\n✓ (\d+) of \1 verdicts are the same /);
  expect(printed).toMatch(/\nThe report \S+ matches its evidence\.\n$/);
  expect(await verify(path.join(folder, 'report.json'), { json: false })).toBe(0);
  expect(printed).toContain('No signature was checked');
});

test('something that does not hold: exit code 1, and as JSON', async () => {
  await writeFile(path.join(folder, 'evidence/extra.json'), '{}');
  expect(await verify(folder, { key: keys.public, json: true })).toBe(1);
  expect(JSON.parse(printed)).toMatchObject({
    report: path.join(folder, 'report.json'),
    holds: false,
    signature: { state: 'valid', keyId: expect.stringMatching(/^[0-9a-f]{64}$/), scheme: 'Ed25519' },
    findings: [{ about: 'file', message: expect.stringContaining('"evidence/extra.json"') }],
    malformed: [],
    notes: [],
    scenarios: [{ id: 'http01-ingress', checks: expect.any(Array) }],
  });
});

test('evidence that cannot be read as such: exit code 2', async () => {
  await truncate(path.join(folder, evidenceName), 100);
  expect(await verify(folder, { key: keys.public, json: false })).toBe(2);
  expect(printed).toContain('is cut off: it ends at offset 100');
  expect(printed).toMatch(/failed verification\.\n$/);
});

test('wrong usage is one sentence', async () => {
  await expect(verify(path.join(root, 'nowhere'), { json: false })).rejects.toThrow('does not exist');
  await expect(verify(folder, { key: path.join(root, 'absent'), json: false })).rejects.toThrow('Cannot read the key');
  await expect(verify(root, { json: false })).rejects.toThrow('Cannot read report file');
});

test('the report of a load: its figures follow from what was recorded, or 1; it has no signature', async () => {
  const recording = loadRecording();
  const report = reportOfLoad(recording);
  const load = await mkdtemp(path.join(root, 'load-'));
  const file = path.join(load, loadReportName);
  await writeFile(path.join(load, recordingName), recordingText(recording));
  await writeFile(file, JSON.stringify(report));
  expect(await verify(load, { json: false })).toBe(0);
  expect(await verify(file, { json: false })).toBe(0);
  expect(printed).toContain(`The report ${file} follows from what was recorded.`);
  printed = '';
  await writeFile(file, JSON.stringify({ ...report, mostSolverPods: 1 }));
  expect(await verify(load, { json: true })).toBe(1);
  expect(JSON.parse(printed)).toMatchObject({
    holds: false,
    findings: [{ message: expect.stringContaining('"mostSolverPods"') }],
  });
  await expect(verify(load, { key: keys.public, json: false })).rejects.toThrow('verify it without --key');
});
