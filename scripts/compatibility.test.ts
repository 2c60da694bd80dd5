import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { type Compatibility, compatibilityMarkdown, compatibilityPage, notedCompatibility } from './compatibility.ts';

test('the page shows what was noted', async () => {
  const page = await readFile(compatibilityPage, 'utf8');
  expect(page, 'docs/compatibility.md is out of date: run `node scripts/write-compatibility.ts`').toBe(
    compatibilityMarkdown(await notedCompatibility()),
  );
});

const versions = {
  ...{ Kubernetes: 'v1.37.2', Istio: '1.31', 'cert-manager': 'v1.20.3', 'Gateway API': 'v1.5.1' },
  ...{ proxy: 'Envoy 1.40.0', CA: 'Pebble v2.10.1' },
};
const run: Compatibility['runs'][number] = {
  ...{ environment: 'cell', versions, result: 'failed', message: null, durationMs: 61_000 },
  scenarios: { passed: ['http01-ingress'], failed: ['http01-gateway-api'], error: [], skipped: ['x', 'y'] },
};
const earlier: Compatibility = { startedAt: '2026-11-01T10:00:00.000Z', runs: [run] };

test('tells what failed, too, with the versions of each part', () => {
  const rows = compatibilityMarkdown([earlier]).split('\n');
  expect(rows).toContain(
    '| cell | v1.37.2 | 1.31 | v1.20.3 | v1.5.1 | Envoy 1.40.0 | Pebble v2.10.1 | 1 passed: `http01-ingress`; 1 failed: `http01-gateway-api`; 2 skipped | 1 min 01 s | 2026-11-01 |',
  );
});

test('shows of each combination the last run', () => {
  const good = { ...run, scenarios: { ...run.scenarios, passed: ['http01-gateway-api'], failed: [] } };
  const other = { ...run, versions: { ...versions, 'cert-manager': 'v1.21.2' } };
  const later: Compatibility = { startedAt: '2026-11-28T10:00:00.000Z', runs: [good, other] };
  const page = compatibilityMarkdown([later, earlier]);
  expect(page).not.toContain('1 failed: `http01-gateway-api`; 2 skipped | 1 min 01 s | 2026-11-01');
  expect(page.match(/^\| cell /gm)).toHaveLength(2);
});
