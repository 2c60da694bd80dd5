import { expect, test } from 'vitest';
import { refusal, unreachable } from '../kube/kube-error.ts';
import { UserError } from '../user-error.ts';
import { causeOfFailure } from './lost-environment.ts';

const { signal } = new AbortController();
const brokenOff = unreachable('list Pod', 'https://10.231.0.1:6443', new Error('other side closed'));
const dead = new UserError('etcd was killed.', { exitCode: 3 });

test('the loss that is told a moment later replaces the connection that broke off', async () => {
  const lost = new AbortController();
  const cause = causeOfFailure({ lost: lost.signal }, brokenOff, signal);
  lost.abort(dead);
  expect(await cause).toBe(dead);
});

test('where the environment is lost, that is the cause of every error', async () => {
  expect(await causeOfFailure({ lost: AbortSignal.abort(dead) }, new Error('any'), signal)).toBe(dead);
});

test('an API server that answers, and an environment that tells nothing, leave the error as it is', async () => {
  const refused = refusal('get Pod', 403, '{}');
  expect(await causeOfFailure({ lost: new AbortController().signal }, refused, signal)).toBe(refused);
  expect(await causeOfFailure({}, brokenOff, signal)).toBe(brokenOff);
});

test('an interruption ends the wait for the loss', async () => {
  const stop = new AbortController();
  const cause = causeOfFailure({ lost: new AbortController().signal }, brokenOff, stop.signal);
  stop.abort();
  expect(await cause).toBe(brokenOff);
});
