import { expect, test } from 'vitest';
import { containerProblem } from './outside.ts';

test('says which image could not be started, why and what to do', () => {
  const missing = containerProblem('ghcr.io/x/y:1', new Error('(HTTP code 404) manifest unknown\nmore'));
  expect(missing.exitCode).toBe(3);
  expect(missing.message).toBe(
    'The image ghcr.io/x/y:1 could not be started beside the node ((HTTP code 404) manifest unknown); pull it before, bring it by --image-archive, or name a mirror by --registry-mirror.',
  );
  expect(containerProblem('a', new Error('no space left on device')).message).toMatch(/free space on the disk/);
  expect(containerProblem('a', 'odd').message).toBe('The image a could not be started beside the node (odd).');
});
