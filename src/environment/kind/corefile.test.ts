import { expect, test } from 'vitest';
import { withForward } from './corefile.ts';

test("asks the environment's own name server for its domain, and leaves all else as it is", () => {
  const corefile = '.:53 {\n    cache 30\n}\n';
  const changed = withForward(corefile, 'padlock.test', '10.0.0.3');
  expect(changed).toBe(`padlock.test:53 {\n    errors\n    forward . 10.0.0.3\n}\n${corefile}`);
  expect(withForward(changed, 'padlock.test', '10.0.0.3')).toBe(changed);
});
