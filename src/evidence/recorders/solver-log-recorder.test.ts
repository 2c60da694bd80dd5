import { afterEach, beforeEach, expect, test } from 'vitest';
import { ApiServerFixture } from '../../kube/api-server-fixture.ts';
import { KubeClient } from '../../kube/client.ts';
import { SolverLogRecorder } from './solver-log-recorder.ts';

let server: ApiServerFixture;
let client: KubeClient;

beforeEach(async () => {
  server = await ApiServerFixture.start({ apiVersion: 'v1', kind: 'Pod', plural: 'pods', namespaced: true });
  client = await KubeClient.open(server.kubeconfig);
  server.put({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'solver', namespace: 'a', labels: { 'acme.cert-manager.io/http01-solver': 'true' } },
    status: { phase: 'Running' },
  });
});

afterEach(async () => {
  await client[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

/** As the solver of cert-manager 1.21 wrote it. */
const line =
  '2026-11-27T23:40:32.459Z I1127 23:40:32.459975 1800 solver.go:112] "got successful challenge request, writing key" logger="cert-manager" host="a.test" path="/.well-known/acme-challenge/tok" base_path="/.well-known/acme-challenge" token="tok" headers={"Accept":["*/*"]}';

const onceFollowed = async () => {
  while (server.log('a', 'solver', 'acmesolver', line) === 0) await new Promise((resolve) => setImmediate(resolve));
};

test('records the requests that a solver answered', async () => {
  await using recorder = new SolverLogRecorder(client, ['a']);
  await onceFollowed();
  const since = new Date(0);
  while (recorder.slice({ since, hosts: ['a.test'] }).length === 0) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(recorder.slice({ since, hosts: ['a.test'] })[0]).toMatchObject({ pod: 'a/solver', host: 'a.test' });
  expect(recorder.slice({ since, hosts: ['b.test'] })).toEqual([]);
});

test('a log that breaks off, as where the cluster disappears, does not end the process', async () => {
  const unhandled: unknown[] = [];
  const note = (error: unknown) => void unhandled.push(error);
  process.on('unhandledRejection', note);
  try {
    const recorder = new SolverLogRecorder(client, ['a']);
    await onceFollowed();
    while (server.openWatches === 0) await new Promise((resolve) => setImmediate(resolve));
    server.drop('broken');
    const watches = () => server.requests.filter((request) => request.includes('watch=true')).length;
    // The client has then seen both connections end.
    while (watches() < 2) await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
    await recorder[Symbol.asyncDispose]();
    expect(unhandled).toEqual([]);
  } finally {
    process.off('unhandledRejection', note);
  }
});
