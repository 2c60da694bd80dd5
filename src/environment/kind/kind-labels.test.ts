import { expect, test } from 'vitest';
import { clusterName, environmentOfCluster, isNodeOf } from './kind-labels.ts';

test('tells its own clusters from those of others by their name', () => {
  expect(environmentOfCluster(clusterName('dev'))).toBe('dev');
  expect(environmentOfCluster('kind')).toBeNull();
  expect(environmentOfCluster('padlock-')).toBeNull();
});

test('distinguishes environments whose names share a prefix', () => {
  expect(['padlock-dev-control-plane', 'padlock-dev-worker2'].every((node) => isNodeOf('dev', node))).toBe(true);
  const others = [
    'padlock-dev-two-control-plane',
    'padlock-dev',
    'dev-control-plane',
    'padlock-dev-control-plane-data',
  ];
  expect(others.some((node) => isNodeOf('dev', node))).toBe(false);
});
