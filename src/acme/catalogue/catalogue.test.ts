import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { caChecks, deviations, groups } from './catalogue.ts';
import type { CaCheck } from './check.ts';
import type { CheckGroup } from './group.ts';

/** The files of groups, found in the folders: `transport/06-refused-nonces.ts`. */
const files = readdirSync(import.meta.dirname, { recursive: true, encoding: 'utf8' })
  .filter((file) => /(^|\/)\d+-[^/]*\.ts$/.test(file) && !file.endsWith('.test.ts'))
  .toSorted((one, other) => basename(one).localeCompare(basename(other)));

function isGroup(exported: unknown): exported is CheckGroup {
  return typeof exported === 'object' && exported !== null && 'checksIn' in exported;
}

/** `newNonce` and `The url of a JWS` as they are in the name of a file. */
function inKebabCase(title: string): string {
  return title
    .replace(/([a-z])([A-Z])/g, '$1-$2')
    .toLowerCase()
    .replaceAll("'", '')
    .replace(/[^a-z0-9]+/g, '-');
}

test('the catalogue has the group of every file, in the order of their numbers', async () => {
  const found = await Promise.all(
    files.map(async (file) => Object.values((await import(join(import.meta.dirname, file))) as object).filter(isGroup)),
  );
  expect(groups).toEqual(found.flat());
  expect(files.map((file) => basename(file, '.ts'))).toEqual(
    groups.map(({ number, title }) => `${String(number).padStart(2, '0')}-${inKebabCase(title)}`),
  );
});

test('a comment above each check states what its section requires', () => {
  const isThere = (text: string, { rfc, section }: CaCheck) => text.includes(`// RFC ${rfc} section ${section}: `);
  const lacking = files.flatMap((file, index) => {
    const text = readFileSync(join(import.meta.dirname, file), 'utf8');
    const { checks = [] } = groups[index] ?? {};
    const comments = text.match(/^ *\/\/ RFC \d+ section [\d.]+: ./gm) ?? [];
    return comments.length === checks.length && checks.every((check) => isThere(text, check)) ? [] : [file];
  });
  expect(lacking).toEqual([]);
});

test('numbers of groups are unique and ascending', () => {
  const numbers = groups.map(({ number }) => number);
  expect(numbers).toEqual([...new Set(numbers)].toSorted((one, other) => one - other));
});

test('a report contains every check once', () => {
  const ids = caChecks.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.toSorted()).toEqual(groups.flatMap(({ checks }) => checks.map(({ id }) => id)).toSorted());
});

describe.each(groups)('group $number, $title,', ({ number, title, checks, provenByUnitTest, deviations: ofGroup }) => {
  test('has a title, and checks that a deviation or a unit test turns red', () => {
    expect(title.trim()).not.toBe('');
    expect(checks).not.toEqual([]);
    const broken = new Set(deviations.flatMap(({ breaks }) => breaks));
    const unproven = checks.map(({ id }) => id).filter((id) => !broken.has(id));
    expect(unproven).toEqual(provenByUnitTest);
  });

  test.runIf(provenByUnitTest.length > 0)('has a unit test of the checks that no deviation turns red', () => {
    const file = files[groups.findIndex((one) => one.number === number)] ?? '';
    // One that needs a responder on loopback is a test with a server.
    const tests = ['.test.ts', '.server.test.ts'].map((end) => join(import.meta.dirname, file.replace(/\.ts$/, end)));
    const text = tests.filter((each) => existsSync(each)).map((each) => readFileSync(each, 'utf8'));
    expect(provenByUnitTest.filter((id) => !text.some((each) => each.includes(id)))).toEqual([]);
  });

  test('has only deviations that break a check of it', () => {
    const ids = checks.map(({ id }) => id);
    expect(ofGroup.filter(({ breaks }) => !breaks.some((id) => ids.includes(id)))).toEqual([]);
  });
});

test('deviations have unique names and break existing checks', () => {
  const names = deviations.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  expect(names.filter((name) => !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name))).toEqual([]);
  const ids = new Set(caChecks.map(({ id }) => id));
  expect(deviations.flatMap(({ breaks }) => breaks).filter((id) => !ids.has(id))).toEqual([]);
  expect(deviations.filter(({ breaks }) => breaks.length === 0)).toEqual([]);
});
