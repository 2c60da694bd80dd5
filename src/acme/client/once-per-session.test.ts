import { expect, test } from 'vitest';
import { FakeCa, fakeDirectory } from '../testing/fake-ca.ts';
import { oncePerSession } from './once-per-session.ts';
import { AcmeSession } from './session.ts';

const session = () =>
  new AcmeSession({ directoryUrl: fakeDirectory, transport: new FakeCa(), userAgent: 'test', domain: 'padlock.test' });

test('it is made once per session, even for two concurrent callers', async () => {
  let count = 0;
  const shared = oncePerSession(async () => {
    count += 1;
    return count;
  });
  const [one, other] = [session(), session()];
  expect(await Promise.all([shared(one), shared(one), shared(other), shared(one)])).toEqual([1, 1, 2, 1]);
});

test('a failure is reported to all callers', async () => {
  let count = 0;
  const shared = oncePerSession(async () => {
    count += 1;
    throw new Error('refused');
  });
  const one = session();
  await expect(shared(one)).rejects.toThrow('refused');
  await expect(shared(one)).rejects.toThrow('refused');
  expect(count).toBe(1);
});
