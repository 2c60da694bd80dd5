import { expect, test } from 'vitest';
import { judgePerspectives } from './46-several-perspectives.ts';

/** The check validates-from-several-places: only the responders see from where a CA validates. */

test('a validation from several places passes', () => {
  expect(judgePerspectives(['203.0.113.1', '198.51.100.2', '203.0.113.1', '2001:db8::1'])).toEqual({
    verdict: 'passed',
    message: 'The validation came from 3 addresses: 203.0.113.1, 198.51.100.2, 2001:db8::1.',
  });
});

test('a validation from one place fails, however often it came and by whichever notation', () => {
  expect(judgePerspectives(['203.0.113.1', '::ffff:203.0.113.1'])).toEqual({
    verdict: 'failed',
    message: 'The validation came from 1 address: 203.0.113.1.',
  });
});

test('private addresses tell nothing', () => {
  const sources = [
    '127.0.0.1',
    '::1',
    '10.1.2.3',
    '172.20.0.1',
    '192.168.7.7',
    'fd00::1',
    'fe80::1%eth0',
    '100.64.0.9',
  ];
  expect(judgePerspectives(sources).verdict).toBe('skipped');
  expect(judgePerspectives([]).message).toContain('nowhere that was seen');
});
