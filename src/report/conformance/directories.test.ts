import { expect, test } from 'vitest';
import { exampleCheck, exampleConformance } from '../../acme/testing/example-conformance.ts';
import { directoriesHtml, directoriesMarkdown } from './directories.ts';

const { options } = exampleConformance();
const failing = (directory: string, ...ids: readonly string[]) =>
  exampleConformance({
    result: ids.length === 0 ? 'passed' : 'failed',
    options: { ...options, directory },
    checks: [exampleCheck(), ...ids.map((id) => exampleCheck({ id, verdict: 'failed' }))],
  });

test('several directories stand side by side, with what only one of them violates', () => {
  const tested = [
    { folder: '1-dv', conformance: failing('https://ca.test/dv', 'alg-none', 'both') },
    { folder: '2-ov', conformance: failing('https://ca.test/ov', 'both') },
    { folder: '3-ev', conformance: failing('https://ca.test/<ev>') },
  ];
  const text = directoriesMarkdown(tested);
  expect(text).toContain('# ACME conformance of 3 directories: failed');
  expect(text).toMatch(/\| \[`https:\/\/ca\.test\/dv`\]\(1-dv\/summary\.md\) \| failed \| .* \| `alg-none` \|/);
  expect(text).toMatch(/\(2-ov\/summary\.md\) \| failed \| .* \| {2}\|/);
  const page = directoriesHtml(tested);
  expect(page).toContain('<a href="1-dv/index.html">https://ca.test/dv</a>');
  expect(page).not.toContain('<ev>');
});
