import { afterEach, beforeEach, expect, test } from 'vitest';
import { ApiServerFixture } from '../kube/api-server-fixture.ts';
import { challengeResource } from '../kube/cert-manager-objects.ts';
import { KubeClient } from '../kube/client.ts';
import { removeDns01 } from './remove-dns01.ts';

const namespace = 'shop';
const certificate = { apiVersion: 'cert-manager.io/v1', kind: 'Certificate', metadata: { namespace, name: 'issued' } };
const challenge = { ...challengeResource, metadata: { namespace, name: 'issued-1-2-3' } };
let server: ApiServerFixture;
let kube: KubeClient;

beforeEach(async () => {
  server = await ApiServerFixture.start(
    { apiVersion: certificate.apiVersion, kind: 'Certificate', plural: 'certificates', namespaced: true },
    { ...challengeResource, plural: 'challenges', namespaced: true },
  );
  kube = await KubeClient.open(server.kubeconfig);
  server.put(certificate);
});
afterEach(async () => {
  await kube[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

const remove = (onWait: () => void, withinMs = 10_000) =>
  removeDns01(kube, certificate.metadata, { what: 'every Challenge to be gone', withinMs, onWait });
const certificates = () => kube.list({ apiVersion: certificate.apiVersion, kind: 'Certificate', namespace });

test('waits for the Challenges that the Certificate had', async () => {
  server.put(challenge);
  let seen = -1;
  await remove(async () => {
    seen = (await certificates()).length;
    server.delete(challenge);
  });
  expect(seen).toBe(0);
});

test('waits for nothing where there is no Challenge', async () => {
  let waits = 0;
  await remove(() => {
    waits += 1;
  });
  expect([waits, await certificates()]).toEqual([0, []]);
});

test('does not wait for the Challenge of another Certificate', async () => {
  server.put({ ...challengeResource, metadata: { namespace, name: 'other-1-2-3' } });
  let waits = 0;
  await remove(() => {
    waits += 1;
  }, 50);
  server.put(challenge);
  await remove(() => server.delete(challenge));
  expect(waits).toBe(0);
});

test('names a Challenge that hangs', async () => {
  server.put(challenge);
  await expect(remove(() => {}, 50)).rejects.toThrow(
    /^Gave up waiting for every Challenge to be gone after 0\.05 s; last seen: Challenge shop\/issued-1-2-3/,
  );
});
