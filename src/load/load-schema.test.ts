import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { publishedLoad } from './load-schema.ts';

test('the committed schema matches the sources', () => {
  const { file, schema } = publishedLoad();
  const committed: unknown = JSON.parse(readFileSync(new URL(`../../reports/schema/${file}`, import.meta.url), 'utf8'));
  expect(committed, `reports/schema/${file} is not up to date: run \`npm run schemas\``).toEqual(
    JSON.parse(JSON.stringify(schema)),
  );
});
