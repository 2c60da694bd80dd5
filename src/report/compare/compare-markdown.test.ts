import { expect, test } from 'vitest';
import type { Report } from '../report.ts';
import { exampleReport, exampleScenario } from '../testing/example-report.ts';
import { hostileText } from '../testing/hostile-text.ts';
import { compareReports } from './compare.ts';
import { comparisonMarkdown } from './compare-markdown.ts';

function failing(message: string, checks = 1): Report {
  return exampleReport({
    result: 'failed',
    scenarios: [
      exampleScenario({
        result: 'failed',
        phases: [{ name: 'account-registered', durationMs: 3_000 }],
        checks: Array.from({ length: checks }, (_, index) => ({
          id: `check-${index}`,
          asserts: 'It holds.',
          result: 'failed' as const,
          message,
        })),
      }),
    ],
  });
}

test('no change is reported in three lines', () => {
  expect(comparisonMarkdown(compareReports(exampleReport(), exampleReport()))).toBe(
    [
      '# Padlock: ✅ no regression',
      '',
      'From the run of 2026-11-24T09:00:00.000Z (passed) to that of 2026-11-24T09:00:00.000Z (passed). A phase counts as slower when it took more than 25 % and more than 1.0 s longer (1.5 times that where its end is found by polling).',
      '',
      '## Notes',
      '',
      '- Whole runs: up 14.8 s → 14.8 s, run 24.4 s → 24.4 s.',
      '',
    ].join('\n'),
  );
});

test('regressions come first', () => {
  const markdown = comparisonMarkdown(compareReports(exampleReport(), failing('It does not.')));
  expect(markdown).toMatch(/^# Padlock: ❌ regression: 3 newly failing, 1 slower\n/);
  expect([...markdown.matchAll(/^## (.*)$/gm)].map((match) => match[1])).toEqual([
    '❌ Newly failing',
    '❌ Slower',
    'Notes',
  ]);
  expect(markdown).toContain('- `http01-ingress` `check-0`: missing → failed. It does not.\n');
  expect(markdown).toContain('| `http01-ingress` | `account-registered` | 420 ms | 3.0 s | +2.6 s (+614 %) |');
});

test('versions and the environment are tables of before and after', () => {
  const after = exampleReport({
    environment: { ...exampleReport().environment, kernel: '7.0.0', nodeVersion: '24.22.0' },
  });
  const markdown = comparisonMarkdown(compareReports(exampleReport(), after));
  expect(markdown).toContain('| Node.js | `24.21.0` | `24.22.0` |');
  expect(markdown).toContain('| kernel | `6.18.0` | `7.0.0` |');
  expect(markdown).toContain('- The two runs used different environments, so their times are not comparable');
});

test('hostile text stays text on its line', () => {
  const markdown = comparisonMarkdown(compareReports(exampleReport(), failing(hostileText)));
  const line = markdown.split('\n').find((each) => each.includes('check-0')) ?? '';
  expect(line).toMatch(/^- `http01-ingress` `check-0`: missing → failed\. \\\]\\\]&gt; &lt;b attr/);
  expect(markdown).not.toContain('<script>');
});

test('a long list is cut', () => {
  const markdown = comparisonMarkdown(compareReports(exampleReport(), failing('No.', 100)));
  expect(markdown).toContain('\n… and 72 more, see `padlock compare --json`.\n');
  expect(markdown.length).toBeLessThan(20_000);
});
