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

test('does not wait if there is no Challenge', async () => {
  let waits = 0;
  await remove(() => {
    waits += 1;
  });
  expect([waits, await certificates()]).toEqual([0, []]);
});

test.each(['other-1-2-3', 'issued2-1-2-3'])(
  'does not wait for the Challenge %s of another Certificate',
  async (name) => {
    server.put({ ...challengeResource, metadata: { namespace, name } });
    let waits = 0;
    await remove(() => {
      waits += 1;
    }, 50);
    server.put(challenge);
    await remove(() => server.delete(challenge));
    expect(waits).toBe(0);
  },
);

test('waits for the Challenge of a Certificate with a long name, which cert-manager truncates', async () => {
  const long = `issued-${'x'.repeat(60)}`;
  const truncated = { ...challengeResource, metadata: { namespace, name: `${long.slice(0, 45)}-1-2` } };
  server.put({ ...certificate, metadata: { namespace, name: long } });
  server.put(truncated);
  let waits = 0;
  const onWait = () => {
    waits += 1;
    server.delete(truncated);
  };
  await removeDns01(kube, { namespace, name: long }, { what: 'it to be gone', withinMs: 10_000, onWait });
  expect(waits).toBe(1);
});

test('names a Challenge that hangs', async () => {
  server.put(challenge);
  await expect(remove(() => {}, 50)).rejects.toThrow(
    /^Gave up waiting for every Challenge to be gone after 0\.05 s; last seen: Challenge shop\/issued-1-2-3/,
  );
});
