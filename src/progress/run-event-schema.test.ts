import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { publishedRunEvents } from './run-event-schema.ts';

test('the committed schema matches the sources', () => {
  const { file, schema } = publishedRunEvents();
  const committed = readFileSync(new URL(`../../reports/schema/${file}`, import.meta.url), 'utf8');
  expect(JSON.parse(committed), `reports/schema/${file} is not up to date: run \`npm run schemas\``).toEqual(
    JSON.parse(JSON.stringify(schema)),
  );
});
