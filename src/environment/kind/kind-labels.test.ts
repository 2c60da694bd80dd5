import { expect, test } from 'vitest';
import { checkKindName, clusterName, environmentOfCluster } from './kind-labels.ts';

test('tells its own clusters from those of others by their name', () => {
  expect(environmentOfCluster(clusterName('dev'))).toBe('dev');
  expect(environmentOfCluster('kind')).toBeNull();
  expect(environmentOfCluster('padlock-')).toBeNull();
});

test('takes names that can be part of host names only', () => {
  expect(() => checkKindName('run-1a2b3c')).not.toThrow();
  for (const name of ['', '-a', 'a-', 'A', 'a_b', 'a/../b', 'a'.repeat(33)]) {
    expect(() => checkKindName(name)).toThrow('cannot be the name of a kind environment');
  }
});
