import { describe, expect, test } from 'vitest';
import { parseShard, shardOf } from './shard.ts';

describe('parseShard', () => {
  test.each([
    ['1/1', { index: 1, count: 1 }],
    ['4/4', { index: 4, count: 4 }],
    ['7/1000', { index: 7, count: 1000 }],
  ])('reads %s', (text, shard) => {
    expect(parseShard(text)).toEqual(shard);
  });

  test.each([
    '',
    'x',
    '1',
    '/',
    '0/4',
    '5/4',
    '1/0',
    '-1/4',
    '1/-4',
    '1.5/4',
    '1/4/2',
    ' 1/4',
    '1/1001',
    '1e0/4',
    '1/4\n',
  ])('refuses %j in one sentence', (text) => {
    expect(() => parseShard(text)).toThrow(
      expect.objectContaining({
        name: 'UserError',
        exitCode: 2,
        message: expect.stringMatching(/^The shard must be INDEX\/COUNT, e\.g\. 2\/4, [^\n]*, not "[^\n]*"\.$/),
      }),
    );
  });
});

describe('shardOf', () => {
  const items = Array.from({ length: 10 }, (_, index) => `scenario-${index}`);

  test.each([1, 2, 3, 4, 10])('%i shards hold each item once, evenly', (count) => {
    const shards = Array.from({ length: count }, (_, index) => shardOf(items, { index: index + 1, count }));
    expect(shards.flat().sort()).toEqual(items);
    const sizes = shards.map(({ length }) => length);
    expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
  });

  test('keeps the order', () => {
    expect(shardOf(items, { index: 2, count: 4 })).toEqual(['scenario-1', 'scenario-5', 'scenario-9']);
  });

  test('is empty if there are more shards than items', () => {
    expect(shardOf(['only'], { index: 2, count: 2 })).toEqual([]);
  });
});
