import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';
import { AcmeSession } from '../acme/client/session.ts';
import { runConformance } from '../acme/runner/run-conformance.ts';
import { FakeCa, fakeDirectory } from '../acme/testing/fake-ca.ts';
import { publishedConformance } from './conformance-schema.ts';

const { file, schema } = publishedConformance();
const committed = JSON.parse(readFileSync(new URL(`../../reports/schema/${file}`, import.meta.url), 'utf8')) as Record<
  string,
  unknown
>;

test('the committed schema matches the sources', () => {
  expect(committed, `reports/schema/${file} is not up to date: run \`npm run schemas\``).toEqual(
    JSON.parse(JSON.stringify(schema)),
  );
});

test('it takes what a run writes, and nothing else', async () => {
  const session = new AcmeSession({
    ...{ directoryUrl: fakeDirectory, transport: new FakeCa(), userAgent: 'test', domain: 'padlock.test' },
  });
  const { conformance } = await runConformance({
    ...{ session, padlockVersion: '0.1.0', profile: 'standard', only: [], caBundle: false },
  });
  const validate = new Ajv2020({ strict: true, allErrors: true, validateFormats: false }).compile(committed);
  expect(validate(JSON.parse(JSON.stringify(conformance))), JSON.stringify(validate.errors)).toBe(true);
  expect(validate({ ...conformance, more: 1 })).toBe(false);
});
