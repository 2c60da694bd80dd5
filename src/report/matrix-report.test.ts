import { expect, test } from 'vitest';
import { matrixHtml } from './html/matrix-html.ts';
import { matrixMarkdown } from './markdown/matrix-markdown.ts';
import { axesOf, type MatrixReport, matrixReportSchema, matrixResult, scenariosOf } from './matrix-report.ts';

const hostile = '<b>|x';

const report: MatrixReport = matrixReportSchema.parse({
  schemaVersion: 1,
  padlockVersion: '0.1.0',
  startedAt: '2026-11-24T09:00:00.000Z',
  endedAt: '2026-11-24T09:05:00.000Z',
  result: 'error',
  runs: [
    {
      name: 'istio-1.29.0',
      values: { istio: '1.29.0' },
      result: 'passed',
      message: null,
      report: 'istio-1.29.0/report.json',
      durationMs: 61_000,
      scenarios: [{ id: 'http01-ingress', result: 'passed', notPassed: [] }],
    },
    {
      name: 'istio-1.30.1',
      values: { istio: '1.30.1' },
      result: 'failed',
      message: null,
      report: 'istio-1.30.1/report.json',
      durationMs: 62_000,
      scenarios: [
        { id: 'http01-ingress', result: 'failed', notPassed: ['tls-trusted'] },
        { id: 'http01-gateway-api', result: 'skipped', notPassed: [] },
      ],
    },
    {
      name: 'environment-kind',
      values: { environment: 'kind' },
      result: 'error',
      message: `There is no engine ${hostile}.`,
      report: null,
      durationMs: 10,
      scenarios: [],
    },
  ],
});

test('the most severe result is the result of the matrix, and a matrix without a run does not pass', () => {
  const results = (...all: readonly MatrixReport['result'][]) => matrixResult(all.map((result) => ({ result })));
  expect(results('passed', 'error', 'failed', 'partial')).toBe('error');
  expect(results('passed', 'failed', 'partial')).toBe('failed');
  expect(results('passed', 'partial')).toBe('partial');
  expect(results('passed', 'passed')).toBe('passed');
  expect(results()).toBe('partial');
});

test('columns are all options and scenarios that any run has', () => {
  expect(axesOf(report)).toEqual(['istio', 'environment']);
  expect(scenariosOf(report)).toEqual(['http01-ingress', 'http01-gateway-api']);
});

test('Markdown: a row per run, with what did not pass, and text from elsewhere as text', () => {
  const lines = matrixMarkdown(report).split('\n');
  expect(lines[0]).toBe('## ⛔ Padlock matrix: error');
  expect(lines).toContain('| istio | environment | result | http01-ingress | http01-gateway-api | took |');
  expect(lines).toContain('| 1.29.0 |  | ✅ [passed](istio-1.29.0/summary.md) | ✅ |  | 1 min 01 s |');
  expect(lines).toContain('| 1.30.1 |  | ❌ [failed](istio-1.30.1/summary.md) | ❌ tls-trusted | ⏭️ | 1 min 02 s |');
  expect(lines.at(-2)).toBe('- environment-kind: There is no engine &lt;b&gt;\\|x.');
});

test('HTML: each run leads to its own page, and text from elsewhere is text', () => {
  const page = matrixHtml(report);
  expect(page).toContain('<a href="istio-1.30.1/index.html">2</a>');
  expect(page).toContain('<code>tls-trusted</code>');
  expect(page).toContain('There is no engine &lt;b&gt;|x.');
  expect(page).not.toContain('<b>');
  expect(page).not.toMatch(/<script|https?:\/\//);
});
