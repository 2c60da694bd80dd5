import { expect, test } from 'vitest';
import { combinations, nameOfCombination } from './combinations.ts';

const axes = { istio: ['1.29.0', '1.30.1'], 'cert-manager': ['v1.20.2', 'v1.21.2'] };
const none = { include: [], exclude: [] };

test('every value meets every other, and the last axis changes first', () => {
  expect(combinations({ axes, ...none }).map(nameOfCombination)).toEqual([
    'istio-1.29.0,cert-manager-v1.20.2',
    'istio-1.29.0,cert-manager-v1.21.2',
    'istio-1.30.1,cert-manager-v1.20.2',
    'istio-1.30.1,cert-manager-v1.21.2',
  ]);
});

test('exclusions are left out, and inclusions are added once', () => {
  const exclude = [{ istio: '1.29.0', 'cert-manager': 'v1.21.2' }];
  const include = [{ istio: '1.31.0' }, { istio: '1.31.0' }];
  expect(combinations({ axes, exclude, include }).map(nameOfCombination)).toEqual([
    'istio-1.29.0,cert-manager-v1.20.2',
    'istio-1.30.1,cert-manager-v1.20.2',
    'istio-1.30.1,cert-manager-v1.21.2',
    'istio-1.31.0',
  ]);
});

test('inclusions alone make a matrix', () => {
  expect(combinations({ axes: {}, exclude: [], include: [{ environment: 'kind' }] })).toEqual([
    { environment: 'kind' },
  ]);
});

test('a part of the matrix can be selected, and an unknown one is refused by name', () => {
  expect(combinations({ axes, ...none }, { istio: '1.30.1' })).toHaveLength(2);
  expect(() => combinations({ axes, ...none }, { istio: '1.0.0' })).toThrow(
    /^No combination of the matrix matches istio-1\.0\.0\. Combinations: istio-1\.29\.0,cert-manager-v1\.20\.2; /,
  );
  expect(() => combinations({ axes: {}, ...none })).toThrow(/has no combinations/);
});

test('a name is a valid folder name', () => {
  expect(nameOfCombination({ 'node-image': 'kindest/node:v1.37.2', gateway: '../x' })).toBe(
    'node-image-kindest_node_v1.37.2,gateway-.._x',
  );
});
