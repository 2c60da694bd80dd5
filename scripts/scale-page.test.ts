import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { verifyLoad } from '../src/load/verify-load.ts';
import { measuredLoads, recordedLoads, scaleMarkdown, scalePage } from './scale-page.ts';

test('the page shows what was measured', async () => {
  const page = await readFile(scalePage, 'utf8');
  expect(page, 'docs/scale.md is out of date: run `node scripts/write-scale.ts`').toBe(
    scaleMarkdown(await measuredLoads()),
  );
});

test('each load whose recording is kept follows from it', async () => {
  for (const folder of await recordedLoads()) expect((await verifyLoad(folder)).findings, folder).toEqual([]);
});
