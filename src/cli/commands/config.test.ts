import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type CapturedOutput, captureOutput } from '../captured-output-fixture.ts';
import { main } from '../command-line.ts';

let folder: string;
let said: CapturedOutput;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'padlock-config-'));
  said = captureOutput();
});
afterEach(async () => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

async function config(yaml: string): Promise<number> {
  const file = join(folder, 'padlock.config.yaml');
  await writeFile(file, yaml);
  return await main(['config', '--config', file]);
}

test('prints settings and the axes of the matrix', async () => {
  expect(await config('run: {environment: kind}\nmatrix: {axes: {istio: [1.29.0, 1.30.1]}}\n')).toBe(0);
  expect(said.out).toContain('run.environment = "kind"');
  expect(said.out).toContain('matrix.istio = ["1.29.0","1.30.1"]');
  expect(said.err).toBe('');
});

test.each([
  ['matrix: {axes: {istoi: [1.30.1]}}', /^The axis 'istoi' of the matrix is not an option of padlock run\. /],
  ['matrix: {axes: {report: [a, b]}}', /^The axis 'report' of the matrix is not an option of padlock run\. /],
  ['matrix: {axes: {environment: [cloud]}}', /^The matrix's environment cannot be 'cloud': /],
  ['matrix: {axes: {}}', /^The matrix in the configuration has no combinations\. /],
])('%s is refused, as padlock matrix would', async (yaml, sentence) => {
  expect(await config(yaml)).toBe(2);
  expect(said.err).toMatch(sentence);
});

test('names variables that no command takes', async () => {
  vi.stubEnv('PADLOCK_UP_NMAE', 'x');
  expect(await config('')).toBe(0);
  expect(said.err).toBe(
    'The variable PADLOCK_UP_NMAE is ignored: padlock up has no option of that name (did you mean PADLOCK_UP_NAME?).\n',
  );
});
