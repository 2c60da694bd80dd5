import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { spreadOver } from './spread-over.ts';

const { signal } = new AbortController();

/** Environments by number, and what happened in the order in which it did. */
function recorded(log: string[]) {
  return {
    first: 1,
    before: async () => {
      log.push('before on 1');
      return ['together'];
    },
    start: async (number: number) => {
      log.push(`start ${number}`);
      return number;
    },
    onNoStart: (error: unknown) => log.push(String(error)),
    run: async (environment: number, item: string) => {
      log.push(`${item} on ${environment}`);
      return item;
    },
    stop: async (environment: number) => {
      log.push(`stop ${environment}`);
    },
    signal,
  };
}

test('an item runs beside what the first environment does before', async () => {
  const log: string[] = [];
  const finished = Promise.withResolvers<void>();
  const done = await spreadOver({
    ...recorded(log),
    items: ['alone'],
    more: 1,
    before: async () => {
      await finished.promise;
      return ['together'];
    },
    stop: async () => finished.resolve(),
  });
  expect(log).toEqual(['start 2', 'alone on 2']);
  expect(done).toEqual(['alone', 'together']);
});

test('each environment takes the next item when it is free', async () => {
  const log: string[] = [];
  const items = ['slow', 'a', 'b', 'c'];
  const gate = Promise.withResolvers<void>();
  const done = await spreadOver({
    ...recorded(log),
    items,
    more: 1,
    before: async () => [],
    start: async (number) => {
      await delay(5);
      return number;
    },
    run: async (environment, item) => {
      log.push(`${item} on ${environment}`);
      if (item === 'slow') await gate.promise;
      if (item === 'c') gate.resolve();
      return item;
    },
  });
  expect(log).toEqual(['slow on 1', 'a on 2', 'b on 2', 'c on 2', 'stop 2']);
  expect(done).toHaveLength(4);
});

test('where another environment does not start, the first does its work, and it is told', async () => {
  const log: string[] = [];
  const done = await spreadOver({
    ...recorded(log),
    items: ['alone'],
    more: 1,
    start: () => Promise.reject(new Error('no memory')),
    before: async () => {
      await delay(5);
      return ['together'];
    },
  });
  expect(done).toEqual(['together', 'alone']);
  expect(log).toEqual(['Error: no memory', 'alone on 1']);
});

test('the start of another environment ends where the first has taken the last item', async () => {
  const log: string[] = [];
  const done = await spreadOver({
    ...recorded(log),
    items: ['alone'],
    more: 1,
    start: (_, signal) =>
      new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
  });
  expect(done).toEqual(['together', 'alone']);
  expect(log).toEqual(['before on 1', 'alone on 1']);
});

test('after a failure no item begins, and what was started is stopped', async () => {
  const log: string[] = [];
  const running = spreadOver({
    ...recorded(log),
    items: ['a', 'b', 'c'],
    more: 1,
    before: async () => {
      await delay(20);
      return [];
    },
    run: () => Promise.reject(new Error('the cell is gone')),
  });
  await expect(running).rejects.toThrow('the cell is gone');
  expect(log).toEqual(['start 2', 'stop 2']);
});

test('where the signal aborts, what was started is stopped before the end', async () => {
  const log: string[] = [];
  const interruption = new AbortController();
  const running = spreadOver({
    ...recorded(log),
    items: ['a', 'b', 'c'],
    more: 1,
    signal: interruption.signal,
    run: async (environment, item) => {
      interruption.abort(new Error('interrupted'));
      await delay(1);
      log.push(`${item} on ${environment}`);
      return item;
    },
    stop: async (environment) => {
      await delay(10);
      log.push(`stop ${environment}`);
    },
  });
  await expect(running).rejects.toThrow('interrupted');
  expect(log.at(-1)).toBe('stop 2');
  expect(log.filter((line) => line.includes(' on ')).length).toBeLessThanOrEqual(3);
});
