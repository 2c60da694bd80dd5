import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { goodPathChecks } from '../src/checks/index.ts';
import { type Report, reportSchema } from '../src/report/index.ts';
import { leftSince, lookAtMachine, nothing } from './machine.ts';
import { padlock } from './padlock-command.ts';

const before = lookAtMachine();
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'padlock-e2e-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function reportIn(name: string): Promise<Report> {
  return reportSchema.parse(JSON.parse(await readFile(join(folder, name, 'report.json'), 'utf8')));
}

describe('padlock run', () => {
  test('the suite core passes, every check of it, and leaves nothing', async () => {
    const { exitCode, stderr } = await padlock(['run', '--report', join(folder, 'core')]);
    expect(stderr).toContain('passed; the reports are in');
    expect(exitCode).toBe(0);
    const report = await reportIn('core');
    expect(report.result).toBe('passed');
    expect(report.scenarios.map(({ id, result }) => `${id} ${result}`)).toEqual([
      'http01-ingress passed',
      'http01-gateway-api passed',
      'missing-ingress-class passed',
    ]);
    expect(leftSince(before)).toEqual(nothing);
  });

  test('two at once pass side by side, with all eight checks each, and leave nothing', async () => {
    const ended = await Promise.all(
      ['one', 'two'].map((name) => padlock(['run', 'http01-ingress', '--report', join(folder, name)])),
    );
    for (const { exitCode, stderr } of ended) expect(exitCode, stderr).toBe(0);
    for (const name of ['one', 'two']) {
      const [scenario] = (await reportIn(name)).scenarios;
      expect(scenario?.checks.map(({ id, result }) => `${id} ${result}`)).toEqual(
        goodPathChecks.map(({ id }) => `${id} passed`),
      );
    }
    expect(leftSince(before)).toEqual(nothing);
  });

  test('saved evidence is judged again, with the same verdicts', async () => {
    const { exitCode, stdout } = await padlock([
      'judge',
      '--json',
      join(folder, 'core', 'evidence', 'http01-ingress.json'),
    ]);
    expect(exitCode).toBe(0);
    const [judged] = JSON.parse(stdout) as { checks: { result: string }[] }[];
    expect(judged?.checks.map(({ result }) => result)).toEqual(goodPathChecks.map(() => 'passed'));
  });
});
