import { afterEach, beforeEach, expect, test } from 'vitest';
import { ApiServerFixture } from './api-server-fixture.ts';
import { KubeClient } from './client.ts';
import { CrashLoopFinder } from './crash-loop.ts';
import type { KubeObject } from './kube-object.ts';
import { waitForDeployment } from './wait-for-deployment.ts';

const namespace = 'istio-system';
const deployment = { namespace, name: 'gateway' } as const;

let server: ApiServerFixture;
let kube: KubeClient;

beforeEach(async () => {
  server = await ApiServerFixture.start(
    { apiVersion: 'apps/v1', kind: 'Deployment', plural: 'deployments', namespaced: true },
    { apiVersion: 'v1', kind: 'Pod', plural: 'pods', namespaced: true },
    { apiVersion: 'v1', kind: 'Event', plural: 'events', namespaced: true },
    { apiVersion: 'v1', kind: 'Node', plural: 'nodes', namespaced: false },
  );
  kube = await KubeClient.open(server.kubeconfig);
  server.logLines.set(`${namespace}/gateway-abc-1/istio-proxy`, ['starting', 'Error: unknown flag: --nonsense', '']);
  server.put({
    ...{ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'gateway', namespace } },
    status: { conditions: [{ type: 'Available', status: 'False', reason: 'MinimumReplicasUnavailable' }] },
  });
});

afterEach(async () => {
  await kube[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

function podWith(status: Record<string, unknown>): KubeObject {
  return {
    ...{ apiVersion: 'v1', kind: 'Pod', spec: { nodeName: 'node-1' }, status },
    metadata: {
      ...{ name: 'gateway-abc-1', namespace, uid: 'u1', labels: { 'pod-template-hash': 'abc' } },
      ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'gateway-abc', uid: 'r1' }],
    },
  };
}

function exit(run: number, exitCode: number, reason = 'Error', ranSeconds = 1) {
  const finishedAt = `2026-01-01T00:00:${10 + ranSeconds}Z`;
  return { exitCode, reason, containerID: `c${run}`, startedAt: '2026-01-01T00:00:10Z', finishedAt };
}

/** A Pod whose container has ended for the n-th time and waits to be started again. */
function afterRun(run: number, exitCode: number, reason = 'Error', ranSeconds = 1): KubeObject {
  const terminated = exit(run, exitCode, reason, ranSeconds);
  const state = { waiting: { reason: 'CrashLoopBackOff', message: 'back-off' } };
  const containerStatuses = [
    { name: 'istio-proxy', ready: false, restartCount: run - 1, state, lastState: { terminated } },
  ];
  return podWith({ containerStatuses });
}

function warning(reason: string, message: string, kind = 'Pod', name = 'gateway-abc-1'): KubeObject {
  const involvedObject = { kind, name, namespace };
  return {
    ...{ apiVersion: 'v1', kind: 'Event', metadata: { name: `${name}.${reason}`, namespace } },
    ...{ type: 'Warning', reason, message, involvedObject, lastTimestamp: '2026-01-01T00:00:00Z' },
  };
}

/** Until both watches are there, the one of the Deployment and the one of its Pods. */
async function watched(): Promise<void> {
  await expect.poll(() => server.openWatches, { interval: 5, timeout: 20_000 }).toBe(2);
}

async function failure(withinMs = 300): Promise<string> {
  return await waitForDeployment(kube, deployment, { withinMs }).then(
    () => 'it is available',
    (error: Error) => error.message,
  );
}

test('a container that ends in the same way again and again ends the wait early, with what its log says', async () => {
  const failed = failure(20_000);
  await watched();
  for (const run of [1, 2, 3, 4]) server.put(afterRun(run, 1));
  expect(await failed).toBe(
    'Gave up waiting for Deployment istio-system/gateway to be Available, as it cannot heal: container istio-proxy of Pod istio-system/gateway-abc-1 ended 4 times, last with exit code 1 (Error), 1 s after its start; its log ends: Error: unknown flag: --nonsense.',
  );
});

test.each([
  ['ends differently each time', [afterRun(1, 1), afterRun(2, 2), afterRun(3, 1), afterRun(4, 2), afterRun(5, 1)]],
  ['works longer before it ends', [1, 2, 3, 4, 5].map((run) => afterRun(run, 1, 'Error', 40))],
  ['ends well', [1, 2, 3, 4, 5].map((run) => afterRun(run, 0, 'Completed'))],
  [
    'has ended only three times, which each change of the Pod repeats',
    [1, 2, 2, 2, 3, 3, 3].map((run) => afterRun(run, 1)),
  ],
])('a container that %s may heal', (_, states) => {
  const finder = new CrashLoopFinder();
  expect(states.map((state) => finder.see(state))).toEqual(states.map(() => null));
});

test('a Deployment that becomes Available after crashes is Available', async () => {
  const waiting = failure(20_000);
  await watched();
  for (const run of [1, 2, 3]) server.put(afterRun(run, 1));
  server.put({
    ...{ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'gateway', namespace } },
    status: {
      conditions: [{ type: 'Available', status: 'True' }],
      updatedReplicas: 1,
      availableReplicas: 1,
      replicas: 1,
    },
  });
  expect(await waiting).toBe('it is available');
});

test('OOMKilled is told by its name', async () => {
  server.put(afterRun(1, 137, 'OOMKilled'));
  expect(await failure()).toContain(
    'container istio-proxy of Pod istio-system/gateway-abc-1 ended with exit code 137 (OOMKilled), 1 s after its start',
  );
});

test('an image that cannot be pulled is told with the reason', async () => {
  const waiting = { reason: 'ErrImagePull', message: 'not found: registry.test/x:1' };
  server.put(
    podWith({ containerStatuses: [{ name: 'istio-proxy', ready: false, restartCount: 0, state: { waiting } }] }),
  );
  expect(await failure()).toContain(
    'container istio-proxy of Pod istio-system/gateway-abc-1 waits (ErrImagePull: not found: registry.test/x:1)',
  );
});

test('a Pod without a node is told with the words of the scheduler', async () => {
  const message = '0/1 nodes are available: 1 Insufficient memory.';
  server.put(podWith({ conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message }] }));
  expect(await failure()).toContain(`Pod istio-system/gateway-abc-1 has no node (FailedScheduling: ${message})`);
});

test('no Pods are told with the words of the admission', async () => {
  server.put(
    warning('FailedCreate', 'Error creating: pods "x" is forbidden: exceeded quota: q', 'ReplicaSet', 'gateway-abc'),
  );
  expect(await failure()).toContain(
    'it has no Pods (FailedCreate: Error creating: pods "x" is forbidden: exceeded quota: q)',
  );
});

test('a failed probe and a failed mount are told from the events, and what the container says already is not repeated', async () => {
  const state = { running: { startedAt: '2026-01-01T00:00:00Z' } };
  server.put(podWith({ containerStatuses: [{ name: 'istio-proxy', ready: false, restartCount: 0, state }] }));
  server.put(warning('Unhealthy', 'Readiness probe failed: HTTP probe failed with statuscode: 503'));
  server.put(warning('BackOff', 'Back-off restarting failed container'));
  const message = await failure();
  expect(message).toContain(
    'container istio-proxy of Pod istio-system/gateway-abc-1 runs, but is not ready; its log ends: Error: unknown flag: --nonsense; Unhealthy: Readiness probe failed: HTTP probe failed with statuscode: 503',
  );
  expect(message).not.toContain('Back-off');
});

test('a Pod that no kubelet touches is told with the state of its node', async () => {
  const conditions = [
    { type: 'Ready', status: 'Unknown', reason: 'NodeStatusUnknown', message: 'Kubelet stopped posting node status.' },
  ];
  server.put({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'node-1' }, status: { conditions } });
  server.put(podWith({ conditions: [{ type: 'PodScheduled', status: 'True' }] }));
  expect(await failure()).toContain(
    'Node node-1 is not Ready (NodeStatusUnknown: Kubelet stopped posting node status.)',
  );
});

test('Pods of other Deployments explain nothing', async () => {
  const { metadata, ...rest } = afterRun(1, 1);
  server.put({
    ...rest,
    metadata: {
      ...metadata,
      ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'gateway-two-abc', uid: 'r2' }],
    },
  });
  expect(await failure()).toMatch(/; it has no Pods\.$/);
});
