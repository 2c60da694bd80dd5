import { expect, test } from 'vitest';
import { passed } from '../checks/check.ts';
import { type Scenario, scenario } from './scenario.ts';

const valid: Scenario = {
  id: 'http01-example',
  title: 'An example',
  why: 'Shows what a scenario is.',
  features: [],
  changesClusterWide: null,
  settings: {},
  manifests: 'http01-example',
  sharedNamespaces: () => [],
  timeLimitMs: 1000,
  subject: () => {
    throw new Error('nothing runs here');
  },
  async act() {},
  async observe() {},
  checks: [{ id: 'always', asserts: 'It passes.', judge: () => passed('It passed.') }],
};

test('gives back what it was given', () => {
  expect(scenario(valid)).toBe(valid);
});

test.each(['HTTP01', 'http01_example', 'http01-', '-http01', 'a--b', '', 'a/b', 'a\n'])('refuses the id %o', (id) => {
  expect(() => scenario({ ...valid, id })).toThrow(`scenario id ${id} is not kebab-case`);
});

test('refuses a scenario that asserts nothing', () => {
  expect(() => scenario({ ...valid, checks: [] })).toThrow('scenario http01-example has no checks');
});
