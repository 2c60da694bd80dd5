import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { watchDelay } from './watch-delay.ts';

test('a process that was held up for more than a second may have answered too late', async () => {
  using watch = watchDelay();
  await delay(50);
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_200);
  await delay(50);
  expect(watch.isLate()).toBe(true);
});
