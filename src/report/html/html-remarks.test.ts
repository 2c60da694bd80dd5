import { expect, test } from 'vitest';
import { exampleReport, exampleScenario } from '../testing/example-report.ts';
import { filesSection, remarksSection } from './html-remarks.ts';

test('problems and what was left out on request', () => {
  const page = String(
    remarksSection(exampleReport({ problems: ['A watch was relisted.'], skippedOnRequest: ['browser'] })),
  );
  expect(page).toContain('<li>A watch was relisted.</li>');
  expect(page).toContain('<li><code>browser</code></li>');
  expect(remarksSection(exampleReport())).toBeNull();
});

test('the files beside the page', () => {
  const links = (page: string) => page.match(/href="[^"]*"/g)?.map((link) => link.slice(6, -1));
  expect(links(String(filesSection(exampleReport())))).toEqual(['report.json', 'summary.md', 'junit.xml']);
  const report = exampleReport({
    bundle: 'bundle',
    scenarios: [exampleScenario({ evidence: 'evidence/http01-ingress.json' })],
  });
  expect(links(String(filesSection(report)))).toEqual([
    'report.json',
    'summary.md',
    'junit.xml',
    'bundle/',
    'evidence/http01-ingress.json',
  ]);
});
