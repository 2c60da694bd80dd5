import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { allScenarios } from '../../../suites/index.ts';
import { allChecks } from '../../checks/all-checks.ts';
import { goodEvidence } from '../../checks/testing/evidence-fixture.ts';
import type { Evidence } from '../../evidence/evidence.ts';
import { type CapturedOutput, captureOutput } from '../captured-output-fixture.ts';
import { judgeFiles } from './judge.ts';

let folder: string;
let said: CapturedOutput;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'padlock-judge-'));
  said = captureOutput();
});
afterEach(async () => {
  vi.restoreAllMocks();
  await rm(folder, { recursive: true });
});

/** The ids of the checks that the command runs on evidence. */
async function checksRunOn(evidence: Evidence): Promise<string[]> {
  const file = join(folder, 'evidence.json');
  await writeFile(file, JSON.stringify(evidence));
  await judgeFiles([file], { json: true });
  const [judged] = JSON.parse(said.out) as { checks: { id: string }[] }[];
  return judged?.checks.map(({ id }) => id) ?? [];
}

test('evidence of version 2 gets the checks of its scenario without the one that backend-answers includes', async () => {
  const evidence = await goodEvidence();
  const { expects: _, ...subject } = evidence.subject;
  const scenario = allScenarios.find(({ id }) => id === evidence.scenario.id);
  const ids = scenario?.checks.map(({ id }) => id) ?? [];
  expect(ids).toContain('plain-http-answers');
  expect(await checksRunOn({ ...evidence, schemaVersion: 2, subject })).toEqual(
    ids.filter((id) => id !== 'plain-http-answers'),
  );
  expect(said.err).toBe('');
});

test('evidence of an unknown scenario gets every check, and stderr says so', async () => {
  const evidence = await goodEvidence();
  const scenario = { ...evidence.scenario, id: 'gone' };
  expect(await checksRunOn({ ...evidence, scenario })).toEqual([...allChecks.keys()]);
  expect(said.err).toBe(
    "No scenario 'gone' in this Padlock; every known check was run, including those that may not apply. For a scenario of your own, give its path with --own-scenarios.\n",
  );
});

test("evidence of a user's scenario gets the checks of that scenario, by its path", async () => {
  const evidence = await goodEvidence();
  const file = join(folder, 'evidence.json');
  await writeFile(file, JSON.stringify({ ...evidence, scenario: { ...evidence.scenario, id: 'shop' } }));
  const document = 'id: shop\ntitle: Shop\nsteps:\n  - apply: issuer.yaml\nchecks: [order-completed]\n';
  await writeFile(join(folder, 'scenario.yaml'), document);
  expect(await judgeFiles([file], { json: true, ownScenarios: [folder] })).toBe(0);
  expect(JSON.parse(said.out)).toMatchObject([
    { scenario: 'shop', checks: [{ id: 'order-completed', result: 'passed' }] },
  ]);
  expect(said.err).toBe('');
});
