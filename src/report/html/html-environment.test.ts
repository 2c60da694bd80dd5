import { expect, test } from 'vitest';
import { exampleReport } from '../testing/example-report.ts';
import { environmentSection } from './html-environment.ts';

test('machine, CA, components with digests, and what is not as upstream releases it', () => {
  const page = String(environmentSection(exampleReport()));
  for (const text of [
    'cell padlock-1',
    'v1.37.2',
    'Debian GNU/Linux 12 (bookworm), kernel 6.18.0, x64',
    '24.0 GiB',
    '1.9 GiB',
    'pebble v2.10.1',
    '<code>https://ca.padlock.test:14000/dir</code>',
    '<code>PEBBLE_VA_NOSLEEP: 1</code>',
    `<code>sha256:${'ab'.repeat(32)}</code>`,
    'under our own main',
    '<td class="record">unknown</td>',
    '<li>cert-manager&#39;s controllers run under mains of Padlock.</li>',
  ]) {
    expect(page).toContain(text);
  }
});

test('missing parts are reported', () => {
  const report = exampleReport({ ca: null, components: [], notUpstream: [] });
  const page = String(
    environmentSection({
      ...report,
      environment: { ...report.environment, kubernetesVersion: null, peakMemoryBytes: null },
    }),
  );
  for (const text of [
    'no answer',
    'The run ended before a CA was available.',
    'No component took part.',
    'Every component is an unmodified upstream release.',
  ]) {
    expect(page).toContain(text);
  }
  expect(page).not.toContain('Most memory used');
});

test('how the platform came onto the environment', () => {
  const report = exampleReport();
  const installation = `restored from prepared state sha256:${'cd'.repeat(32)}`;
  const page = String(environmentSection({ ...report, environment: { ...report.environment, installation } }));
  expect(page).toContain(installation);
  expect(String(environmentSection(report))).not.toContain('Installation');
});
