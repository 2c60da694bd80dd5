import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { recordedRecoveries, resilienceMarkdown, resiliencePage } from './resilience-table.ts';

test('the page shows what was recorded', async () => {
  const page = await readFile(resiliencePage, 'utf8');
  expect(page, 'docs/resilience.md is out of date: run `node scripts/write-resilience.ts`').toBe(
    resilienceMarkdown(await recordedRecoveries()),
  );
});
