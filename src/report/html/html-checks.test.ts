import { expect, test } from 'vitest';
import { exampleFailedScenario, exampleScenario } from '../testing/example-report.ts';
import { checkList } from './html-checks.ts';

test('each check has its result as a word, its id, what was seen and what it asserts', () => {
  const page = String(checkList(exampleScenario().checks));
  expect(page.match(/<li /g)).toHaveLength(2);
  expect(page).toContain('</svg>passed</span>');
  expect(page).toContain('<code>account-registered</code>');
  expect(page).toContain('<p>Issuer letsencrypt-prod-issuer became Ready 0.4 s after it was applied.</p>');
  expect(page).toContain('Asserts: The Issuer became Ready.');
});

test('a failed check can be told by its class', () => {
  expect(String(checkList(exampleFailedScenario().checks))).toContain('<li class="failed">');
});

test('the absence of checks is reported', () => {
  expect(String(checkList([]))).toContain('No check was applied.');
});
