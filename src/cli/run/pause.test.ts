import { expect, test } from 'vitest';
import { Pause } from './pause.ts';

test('a pause without a terminal is refused with one sentence', () => {
  // Tests have no terminal.
  expect(() => new Pause()).toThrow(
    expect.objectContaining({ exitCode: 2, message: expect.stringMatching(/^--pause-on-failure needs a terminal/) }),
  );
});
