import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { KubeClient } from '../../kube/client.ts';
import { KubeError } from '../../kube/kube-error.ts';
import type { WatchOptions } from '../../kube/watch.ts';
import { ClusterMonitor } from './cluster-monitor.ts';

const gone = new KubeError("Could not get the API server's version: no answer.", { status: null, reason: null });

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

/** A monitor of a cluster whose watch says nothing, and which answers as it is told to. */
function monitored(version: () => Promise<unknown>) {
  let watching: WatchOptions = {};
  const kube = {
    watch(_: unknown, options: WatchOptions) {
      watching = options;
      return { async [Symbol.asyncDispose]() {} };
    },
    version,
  } as unknown as KubeClient;
  return { monitor: new ClusterMonitor(kube, 'run-1', "Istio's control plane"), watching: () => watching };
}

test('a cluster whose way is cut is lost after 20 s, although its watch says nothing', async () => {
  const { monitor } = monitored(() => Promise.reject(gone));
  await vi.advanceTimersByTimeAsync(20_000);
  expect(monitor.lost.aborted).toBe(false);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(monitor.lost.reason).toMatchObject({
    exitCode: 3,
    message:
      "Istio's control plane stopped answering during the run: Could not get the API server's version: no answer.",
  });
  await monitor[Symbol.asyncDispose]();
});

test('one that answers again in between is there, and so is one that refuses the question', async () => {
  let asked = 0;
  const { monitor } = monitored(async () => {
    asked += 1;
    if (asked % 4 === 0) throw new KubeError('forbidden', { status: 403, reason: 'Forbidden' });
    throw gone;
  });
  await vi.advanceTimersByTimeAsync(120_000);
  expect(monitor.lost.aborted).toBe(false);
  await monitor[Symbol.asyncDispose]();
});

test('a watch that is refused ends it at once', async () => {
  const { monitor, watching } = monitored(async () => ({}));
  watching().onProblem?.({ kind: 'refused', message: 'Unauthorized', at: new Date() });
  expect(monitor.lost.aborted).toBe(true);
  await monitor[Symbol.asyncDispose]();
});
