import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { faultPages, faultPagesFolder } from './write-fault-pages.ts';

const pages = faultPages();

test('the committed pages of faults match the sources', () => {
  const committed = new Map(
    readdirSync(faultPagesFolder).map((file) => [file, readFileSync(join(faultPagesFolder, file), 'utf8')]),
  );
  const stale = [...new Set([...pages.keys(), ...committed.keys()])].filter(
    (file) => pages.get(file) !== committed.get(file),
  );
  expect(stale, 'docs/faults/ is not up to date: run `npm run fault-pages` and commit it').toEqual([]);
});

test('a page begins with the symptom, and says how to recognise, cure and reproduce the fault', () => {
  const page = pages.get('wrong-address.md') ?? '';
  expect(page).toMatch(/^# The Challenge stays pending, and no request reaches the gateway\n/);
  for (const heading of ['Recognise it', 'Cure it', 'Reproduce it']) expect(page).toContain(`\n## ${heading}\n`);
  expect(page).toContain('diagnoses it as `host-points-elsewhere`');
  expect(page).toContain('padlock repro wrong-address --cure');
  expect(page).toContain('namespace: fault-wrong-address');
});
