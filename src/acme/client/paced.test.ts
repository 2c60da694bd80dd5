import { afterEach, expect, test, vi } from 'vitest';
import { Paced } from './paced.ts';

afterEach(() => void vi.useRealTimers());

test('of requests that come at once, each waits for its place', async () => {
  vi.useFakeTimers();
  const waits: number[] = [];
  const transport = { send: async () => ({ status: 200, headers: {}, body: '' }) };
  const paced = new Paced(transport, 4, async (ms) => waits.push(ms));
  const request = { method: 'GET', url: 'https://ca.test/', headers: {} } as const;
  await Promise.all([paced.send(request), paced.send(request), paced.send(request)]);
  // The first leaves at once, the others after a quarter of a second each.
  expect(waits.map((ms) => Math.round(ms / 10) * 10)).toEqual([250, 500]);
});
