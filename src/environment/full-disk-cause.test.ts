import { tmpdir } from 'node:os';
import { expect, test } from 'vitest';
import { UserError } from '../user-error.ts';
import { fullDiskOr } from './full-disk-cause.ts';

const error = new Error('etcdserver: mvcc: database space exceeded');

test('a full disk is told instead of the error that follows from it, which stays its cause', async () => {
  // Nothing is ever free on /sys.
  const told = await fullDiskOr(error, 'The cell did not start', ['/sys']);
  if (!(told instanceof UserError)) throw new Error('no UserError');
  expect(told.message).toBe(
    'The cell did not start: no space left on the disk of /sys. Free some space, or set XDG_STATE_HOME to a folder on a larger disk.',
  );
  expect([told.exitCode, told.cause]).toEqual([3, error]);
});

test('where there is space, the error is told', async () => {
  expect(await fullDiskOr(error, 'The cell did not start', [tmpdir()])).toBe(error);
});
