import { expect, test } from 'vitest';
import { forEachConcurrently } from './bounded-concurrency.ts';

test('keeps the order of results and the limit', async () => {
  let underWay = 0;
  let most = 0;
  const results = await forEachConcurrently([5, 1, 3, 2, 4], 2, async (item) => {
    most = Math.max(most, ++underWay);
    for (let turn = 0; turn < item; turn += 1) await Promise.resolve();
    underWay -= 1;
    return item * 10;
  });
  expect(results).toEqual([50, 10, 30, 20, 40]);
  expect(most).toBe(2);
});

test('starts nothing more after a failure, and awaits what is under way', async () => {
  const started: number[] = [];
  const finished: number[] = [];
  const work = async (item: number) => {
    started.push(item);
    if (item === 1) throw new Error('first');
    await new Promise((resolve) => setImmediate(resolve));
    finished.push(item);
  };
  await expect(forEachConcurrently([0, 1, 2, 3], 2, work)).rejects.toThrow('first');
  expect(started).toEqual([0, 1]);
  expect(finished).toEqual([0]);
});
