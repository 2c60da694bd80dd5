import { expect, test } from 'vitest';
import { exampleScenario } from '../testing/example-report.ts';
import { requestTable } from './html-requests.ts';

test('each line says who asked, what the gateway answered, and where it led', () => {
  const page = String(requestTable(exampleScenario()));
  const rows = page.split('<tr>').slice(2);
  expect(rows).toHaveLength(3);
  expect(rows[0]).toMatch(/09:00:26\.000.*404.*self-check.*nowhere/s);
  expect(rows[2]).toMatch(/09:00:44\.200.*200.*>CA<.*cm-acme-http-solver-v7mt0/s);
  expect(page).toContain('aria-label="Access log lines of http01-ingress"');
});

test('the absence of lines is reported', () => {
  expect(String(requestTable({ id: 'a', challengeRequests: [] }))).toContain('No request for a challenge path');
});
