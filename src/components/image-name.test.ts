import { expect, test } from 'vitest';
import { isNormalisedName } from './image-name.ts';

test.each([
  ['docker.io/istio/pilot:1.31', true],
  ['docker.io/library/busybox:1', true],
  ['registry.example:5000/a/b_c/d:v1', true],
  ['localhost/a:1', true],
  ['docker.io/busybox:1', false],
  ['istio/pilot:1.31', false],
  ['busybox:1', false],
  ['docker.io/istio/pilot', false],
  ['registry.example:5000/a', false],
  ['docker.io/Istio/pilot:1', false],
  ['docker.io/istio/pilot:', false],
  ['docker.io/istio/pilot:-1', false],
  ['', false],
])('%s is a whole name: %s', (name, whole) => {
  expect(isNormalisedName(name)).toBe(whole);
});
