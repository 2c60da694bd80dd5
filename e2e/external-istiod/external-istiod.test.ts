import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { recordedRuns } from '../../src/environment/existing/run-record.ts';
import { folderOfTests } from '../folder-of-tests.ts';
import { leftSince, lookAtMachine, nothing } from '../machine.ts';
import { TwoCells } from './two-cells.ts';

const before = lookAtMachine();
const recordsBefore = await recordedRuns();
const folder = folderOfTests();
const cells = await TwoCells.start('e2e-external');
const { controlPlane, dataPlane } = cells;
Object.assign(process.env, dataPlane.env);
afterAll(async () => {
  await cells[Symbol.asyncDispose]();
  expect(leftSince(before)).toEqual(nothing);
});

const both = [...dataPlane.runOptions(), '--istio-kubeconfig', controlPlane.kubeconfig];

/** Runs scenarios. @returns each check that did not pass, and what the report says of the parts */
async function run(scenarios: readonly string[], options: readonly string[]) {
  const report = join(folder, scenarios.join('-'));
  const { exitCode, stderr } = await dataPlane.runBesideItsDns(['run', ...scenarios, '--report', report, ...options]);
  expect(exitCode, stderr).toBe(0);
  const written = JSON.parse(await readFile(join(report, 'report.json'), 'utf8')) as {
    scenarios: { id: string; result: string; checks: { id: string; result: string }[] }[];
  };
  expect([await controlPlane.left(), await dataPlane.left(), await recordedRuns()]).toEqual([[], [], recordsBefore]);
  return written.scenarios.map(({ id, result, checks }) => ({
    ...{ id, result, passed: checks.filter((check) => check.result === 'passed').length, checks: checks.length },
  }));
}

test("with Istio's objects at the control plane, and the log format of ASM", async () => {
  expect(await run(['http01-ingress'], both)).toEqual([
    { id: 'http01-ingress', result: 'passed', passed: 10, checks: 10 },
  ]);
});

test("with one kubeconfig, where istiod reads Istio's objects in the data plane", async () => {
  await cells.moveConfiguration();
  expect(await run(['http01-ingress', 'http01-gateway-api'], dataPlane.runOptions())).toEqual([
    { id: 'http01-gateway-api', result: 'passed', passed: 10, checks: 10 },
    { id: 'http01-ingress', result: 'passed', passed: 10, checks: 10 },
  ]);
});
