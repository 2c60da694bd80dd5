import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { exampleFailedScenario, exampleReport, exampleScenario } from '../../report/testing/example-report.ts';
import type { Scenario } from '../../suite/scenario.ts';
import { lastFailed } from './last-failed.ts';

let folder: string;
const chosen = ['http01-ingress', 'dns01'].map((id) => ({ id }) as Scenario);

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'padlock-last-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function report(...scenarios: ReturnType<typeof exampleReport>['scenarios']): Promise<void> {
  const result = scenarios.some((each) => each.result === 'failed') ? 'failed' : 'passed';
  await writeFile(join(folder, 'report.json'), JSON.stringify(exampleReport({ scenarios, result })));
}

test('chooses those that failed before', async () => {
  await report(exampleScenario({ id: 'dns01' }), exampleFailedScenario({ id: 'http01-ingress' }));
  expect(await lastFailed(chosen, folder)).toEqual([{ id: 'http01-ingress' }]);
});

test('says when nothing failed, or none of those', async () => {
  await report(exampleScenario({ id: 'dns01' }));
  await expect(lastFailed(chosen, folder)).rejects.toMatchObject({
    exitCode: 4,
    message: `Nothing failed in the run of ${folder}.`,
  });
  await report(exampleFailedScenario({ id: 'of-mine' }));
  await expect(lastFailed(chosen, folder)).rejects.toMatchObject({
    exitCode: 2,
    message: `None of the selected scenarios failed in the run of ${folder}. Those that failed: of-mine.`,
  });
  await expect(lastFailed(chosen, join(folder, 'none'))).rejects.toMatchObject({ exitCode: 2 });
});
