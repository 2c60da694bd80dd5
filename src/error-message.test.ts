import { expect, test } from 'vitest';
import { messageOf } from './error-message.ts';

test.each([
  [new TypeError('no such field'), 'no such field'],
  ['a text', 'a text'],
  [undefined, 'undefined'],
])('gives the message of %j', (thrown, message) => {
  expect(messageOf(thrown)).toBe(message);
});
