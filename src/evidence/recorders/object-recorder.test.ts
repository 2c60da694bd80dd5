import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ApiServerFixture, refuse } from '../../kube/api-server-fixture.ts';
import { KubeClient } from '../../kube/client.ts';
import { ObjectRecorder, recordedKinds } from './object-recorder.ts';

const secret = (name: string, namespace: string) => ({
  apiVersion: 'v1',
  kind: 'Secret',
  type: 'Opaque',
  metadata: { name, namespace },
  data: { hmac: 'Q0FOQVJZ' },
});

let server: ApiServerFixture;
let client: KubeClient;

beforeEach(async () => {
  server = await ApiServerFixture.start(...recordedKinds);
  client = await KubeClient.open(server.kubeconfig);
});

afterEach(async () => {
  await client[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

const watchesOpen = async (count: number) => {
  while (server.openWatches !== count) await new Promise((resolve) => setImmediate(resolve));
};

test('records all kinds in all namespaces with one watch each, and no secrets', async () => {
  server.put(secret('before', 'a'));
  await using recorder = new ObjectRecorder(client);
  await recorder.started;
  await watchesOpen(recordedKinds.length);
  server.put(secret('after', 'b'));
  const change = Promise.withResolvers<void>();
  using _ = recorder.watchOf({ apiVersion: 'v1', kind: 'Secret' })?.subscribe({ onEvent: () => change.resolve() });
  await change.promise;
  const histories = recorder.slice();
  expect(
    histories.map(({ namespace, name, states }) => [namespace, name, states.map((state) => state.change)]),
  ).toEqual([
    ['a', 'before', ['existed']],
    ['b', 'after', ['added']],
  ]);
  expect(JSON.stringify(histories)).not.toContain('Q0FOQVJZ');
  expect(JSON.stringify(recorder.watchOf({ apiVersion: 'v1', kind: 'Secret' })?.objects)).not.toContain('Q0FOQVJZ');
  expect(histories[0]?.states[0]?.object.padlock).toMatchObject({ dataKeys: ['hmac'] });
  expect(recorder.slice({ namespaces: ['b'] })).toHaveLength(1);
  expect(recorder.problems()).toEqual([]);
});

test('starts without kinds that are absent, and says what it may not see', async () => {
  server.resources.splice(
    0,
    server.resources.length,
    ...recordedKinds.filter(({ apiVersion }) => !apiVersion.startsWith('gateway.networking.k8s.io')),
  );
  server.overrides.push((request, response) => {
    if (!request.url?.includes('/secrets?')) return false;
    refuse(response, 403, 'Forbidden', 'secrets is forbidden');
    return true;
  });
  await using recorder = new ObjectRecorder(client, { namespaces: ['a', 'b'] });
  await recorder.started;
  expect(recorder.problems({ since: new Date(Date.now() + 1000) })).toEqual([
    'Could not list Secret (v1) in namespace a: the API server says: secrets is forbidden (403 Forbidden).',
    'Could not list Secret (v1) in namespace b: the API server says: secrets is forbidden (403 Forbidden).',
  ]);
});

describe('a recording that is behind the API server', () => {
  const certificate = {
    apiVersion: 'cert-manager.io/v1',
    kind: 'Certificate',
    metadata: { name: 'issued', namespace: 'a' },
  };

  test('catches up before it is cut', async () => {
    await using recorder = new ObjectRecorder(client);
    await recorder.started;
    await watchesOpen(recordedKinds.length);
    server.put(certificate);
    expect(recorder.slice()).toEqual([]);
    await recorder.caughtUp(client, 'a', 10_000);
    expect(recorder.slice().map(({ kind, name }) => [kind, name])).toEqual([['Certificate', 'issued']]);
  });

  test('does not wait for what is deleted meanwhile, nor for other namespaces', async () => {
    server.put(certificate);
    await using recorder = new ObjectRecorder(client);
    await recorder.started;
    await watchesOpen(recordedKinds.length);
    const caughtUp = recorder.caughtUp(client, 'a', 10_000);
    server.delete(certificate);
    await caughtUp;
    await recorder.caughtUp(client, 'b', 10_000);
  });

  test('that never comes is an error that says what is missing', async () => {
    server.overrides.push((request, response) => {
      if (!request.url?.includes('/certificates?') || !request.url.includes('watch=true')) return false;
      // A watch that says nothing.
      response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders();
      return true;
    });
    await using recorder = new ObjectRecorder(client);
    await recorder.started;
    server.put(certificate);
    await expect(recorder.caughtUp(client, 'a', 300)).rejects.toThrow(
      'Gave up waiting for the recording of Certificate in a to catch up after 0.3 s',
    );
  });
});
