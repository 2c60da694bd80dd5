import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { exampleReport, exampleScenario } from '../src/report/testing/example-report.ts';
import { scenarioPages, scenarioPagesFolder, withReports } from './write-scenario-pages.ts';

const pages = scenarioPages();

test('the committed pages of scenarios match the sources', () => {
  const files = readdirSync(scenarioPagesFolder).filter((file) => file.endsWith('.md'));
  const committed = new Map(files.map((file) => [file, readFileSync(join(scenarioPagesFolder, file), 'utf8')]));
  const stale = [...new Set([...pages.keys(), ...committed.keys()])].filter(
    (file) => pages.get(file) !== committed.get(file),
  );
  expect(stale, 'docs/scenarios/ is not up to date: run `npm run scenario-pages` and commit it').toEqual([]);
});

test('a page says what the scenario proves, where it cannot run and why, and what it costs', () => {
  const page = pages.get('ca-preferred-chain.md') ?? '';
  expect(page).toContain('`preferred-chain-chosen`: ');
  expect(page).toContain('| a cell with Pebble | yes |');
  expect(page).toContain('| a cell with step-ca | not applicable, because: Only one root of the CA is known');
  expect(page).toContain('Its time limit is 180 s.');
});

test('only what passed on a cell is noted, and a scenario that is gone is not', () => {
  const earlier = { 'no-such-scenario': { seconds: 1, scenarios: 1, cpus: 1, day: '2026-01-01' } };
  const passed = exampleScenario({ id: 'http01-ingress', durationMs: 24_400 });
  const failed = exampleScenario({ id: 'http01-gateway-api', result: 'failed' });
  const report = exampleReport({ scenarios: [passed, failed] });
  const { cpus, kind } = report.environment;
  expect(kind).toBe('cell');
  expect(withReports(earlier, [report])).toEqual({
    'http01-ingress': { seconds: 24, scenarios: 2, cpus, day: report.startedAt.slice(0, 10) },
  });
  const elsewhere = { ...report, environment: { ...report.environment, kind: 'existing' } };
  expect(withReports({}, [elsewhere])).toEqual({});
});
