import { expect, test } from 'vitest';
import { refusal } from './kube-error.ts';
import { retriedWhileBusy } from './retry-busy.ts';

/** A server that refuses some requests before it takes one. */
function refusing(...statuses: readonly number[]) {
  const left = [...statuses];
  let requests = 0;
  const request = async () => {
    requests += 1;
    const status = left.shift();
    if (status !== undefined) throw refusal('apply CustomResourceDefinition x', status, '{"message":"etcd timed out"}');
    return 'taken';
  };
  return { request, requests: () => requests };
}

test('a busy server is asked again until it takes the request', async () => {
  const { request, requests } = refusing(429, 500, 504);
  expect(await retriedWhileBusy(request, { withinMs: 10_000 })).toBe('taken');
  expect(requests()).toBe(4);
});

test.each([400, 403, 404, 409, 422])('the answer %i is final', async (status) => {
  const { request, requests } = refusing(status);
  await expect(retriedWhileBusy(request, { withinMs: 10_000 })).rejects.toThrow('etcd timed out');
  expect(requests()).toBe(1);
});

test('at the limit the last answer is told, and how often it came', async () => {
  const { request } = refusing(...Array.from({ length: 100 }, () => 503));
  await expect(retriedWhileBusy(request, { withinMs: 1_000 })).rejects.toThrow(
    'Could not apply CustomResourceDefinition x: the API server says: etcd timed out (503); so it answered 3 times within 1 s.',
  );
});

test('an interruption ends it with its own reason', async () => {
  const { request } = refusing(503, 503);
  const stop = new AbortController();
  const retried = retriedWhileBusy(request, { withinMs: 10_000, signal: stop.signal });
  stop.abort(new Error('interrupted'));
  await expect(retried).rejects.toThrow('interrupted');
});
