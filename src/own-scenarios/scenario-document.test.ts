import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { publishedScenarioDocument } from './scenario-document.ts';

const { file, schema } = publishedScenarioDocument();
const root = new URL('../../', import.meta.url);
const committed = JSON.parse(readFileSync(new URL(`reports/schema/${file}`, root), 'utf8')) as Record<string, unknown>;

test('the committed schema matches the sources', () => {
  expect(committed, `reports/schema/${file} is not up to date: run \`npm run schemas\``).toEqual(
    JSON.parse(JSON.stringify(schema)),
  );
});

test('it takes the example and that of the page, and no unknown key', () => {
  const example = readFileSync(new URL('examples/scenarios/shop-behind-the-gateway/scenario.yaml', root), 'utf8');
  const page = readFileSync(new URL('docs/own-scenarios.md', root), 'utf8');
  const onPage = /```yaml\n(.*?)```/s.exec(page)?.[1] ?? '';
  const validate = new Ajv2020({ strict: true, allErrors: true, validateFormats: false }).compile(committed);
  for (const text of [example, onPage]) {
    const document = parse(text) as Record<string, unknown>;
    expect(validate(document), JSON.stringify(validate.errors)).toBe(true);
    expect(validate({ ...document, more: 1 })).toBe(false);
  }
});
