import { expect, test } from 'vitest';
import { caChecks } from '../catalogue/catalogue.ts';
import { deviations } from './deviations.ts';

test('every check has a deviation that turns it red', () => {
  const broken = new Set([...deviations.flatMap(({ breaks }) => breaks)]);
  expect(caChecks.map(({ id }) => id).filter((id) => !broken.has(id))).toEqual([]);
});

test('deviations have names of their own and break checks that there are', () => {
  const names = deviations.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  expect(names.filter((name) => !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name))).toEqual([]);
  const ids = new Set(caChecks.map(({ id }) => id));
  const named = [...deviations.flatMap(({ breaks }) => breaks)];
  expect(named.filter((id) => !ids.has(id))).toEqual([]);
  expect(deviations.filter(({ breaks }) => breaks.length === 0)).toEqual([]);
});
