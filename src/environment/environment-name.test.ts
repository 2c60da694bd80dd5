import { expect, test } from 'vitest';
import { checkEnvironmentName } from './environment-name.ts';

test.each(['a', 'dev', 'run-abc123', 'x'.repeat(40)])('takes %s', (name) => {
  expect(() => checkEnvironmentName(name)).not.toThrow();
});

test.each(['', '-a', 'a-', 'No_Such', 'x'.repeat(41)])("refuses '%s'", (name) => {
  expect(() => checkEnvironmentName(name)).toThrow(
    `'${name}' is not a valid environment name. Use 1 to 40 lower-case letters, digits and inner hyphens.`,
  );
});

test('takes a shorter maximum', () => {
  expect(() => checkEnvironmentName('x'.repeat(33), 32)).toThrow('Use 1 to 32 ');
});
