import { expect, test } from 'vitest';
import { UserError } from './user-error.ts';

test('means wrong usage by default, and keeps its cause', () => {
  const cause = new Error('ENOENT');
  const error = new UserError('There is no such file.', { cause });
  expect(error).toBeInstanceOf(Error);
  expect(error).toMatchObject({ name: 'UserError', message: 'There is no such file.', exitCode: 2, cause });
});

test('carries the exit code it was given', () => {
  const error = new UserError('No space is left.', { exitCode: 3 });
  expect(error.exitCode).toBe(3);
  expect(Object.hasOwn(error, 'cause')).toBe(false);
});
