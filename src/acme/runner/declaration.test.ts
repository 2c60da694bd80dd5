import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { caChecks } from '../catalogue/catalogue.ts';
import { caFeatureNames } from '../catalogue/features.ts';
import { readDeclaration } from './declaration.ts';
import { featureStatistics, unprovenClaims } from './feature-statistics.ts';

let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'padlock-declaration-'));
  file = join(folder, 'ca.yaml');
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

const example = `implementation:
  organization: Example Trust
  project: Example CA
  url: https://ca.example.com
  version: 1.10
  contact: [acme@example.com]
features: [http-01, wildcards]
`;

test('a declaration says who makes the CA, and what it claims', async () => {
  await writeFile(file, example);
  expect(await readDeclaration(file)).toMatchObject({
    implementation: { project: 'Example CA', version: '1.10' },
    mode: 'default',
    features: ['http-01', 'wildcards'],
  });
});

test.each([
  [example.replace('wildcards', 'wildcard'), /: there is no feature "wildcard"\. Features: http-01, dns-01, /],
  [example.replace('https://ca.example.com', 'ca'), /: implementation\.url is wrong: /],
  ['features: []', /: implementation must be a mapping\.$/],
  [`${example}extra: 1\n`, /: it has the unknown key "extra"\.$/],
])('%j is refused in one sentence', async (text, sentence) => {
  await writeFile(file, text);
  await expect(readDeclaration(file)).rejects.toThrow(sentence);
});

test('every feature has a check', () => {
  const used = new Set(caChecks.map(({ feature }) => feature));
  expect(caFeatureNames.filter((name) => !used.has(name))).toEqual([]);
});

test('a claim that nothing could judge has no proof', () => {
  const statistics = featureStatistics(
    [
      { feature: 'http-01', verdict: 'passed' },
      { feature: 'wildcards', verdict: 'skipped' },
      { feature: 'caa', verdict: 'not-claimed' },
      { feature: null, verdict: 'failed' },
    ],
    ['http-01', 'wildcards'],
  );
  expect(statistics.map(({ name, claimed, passed, skipped }) => [name, claimed, passed, skipped])).toEqual([
    ['http-01', true, 1, 0],
    ['wildcards', true, 0, 1],
    ['caa', false, 0, 1],
  ]);
  expect(unprovenClaims(statistics)).toEqual(['wildcards']);
});
