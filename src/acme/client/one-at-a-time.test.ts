import { expect, test } from 'vitest';
import { OneAtATime } from './one-at-a-time.ts';
import type { HttpAnswer, HttpRequest } from './transport.ts';

const request = (url: string): HttpRequest => ({ method: 'GET', url, headers: {} });

test('a request is sent only after the previous one has ended, with or without an answer', async () => {
  const sent: string[] = [];
  const ends = new Map<string, PromiseWithResolvers<HttpAnswer>>();
  const transport = new OneAtATime({
    send({ url }) {
      sent.push(url);
      const end = Promise.withResolvers<HttpAnswer>();
      ends.set(url, end);
      return end.promise;
    },
  });
  const [first, second, third] = ['first', 'second', 'third'].map((url) => transport.send(request(url)));
  await Promise.resolve();
  expect(sent).toEqual(['first']);
  ends.get('first')?.reject(new Error('no answer'));
  await expect(first).rejects.toThrow('no answer');
  await expect.poll(() => sent).toEqual(['first', 'second']);
  ends.get('second')?.resolve({ status: 200, headers: {}, body: '' });
  expect(await second).toMatchObject({ status: 200 });
  await expect.poll(() => sent).toEqual(['first', 'second', 'third']);
  ends.get('third')?.resolve({ status: 201, headers: {}, body: '' });
  expect(await third).toMatchObject({ status: 201 });
});
