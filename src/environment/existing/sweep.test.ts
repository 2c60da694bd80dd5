import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ApiServerFixture } from '../../kube/api-server-fixture.ts';
import { certificateResource, challengeResource, issuerResource } from '../../kube/cert-manager-objects.ts';
import { KubeClient } from '../../kube/client.ts';
import type { RunRecord } from './run-record.ts';
import { sweep } from './sweep.ts';

const run = 'run-a';
const labels = { 'padlock.dev/run': run };
const namespace = 'gateways';
const secret = { apiVersion: 'v1', kind: 'Secret' };
let folder: string;
let server: ApiServerFixture;
let kube: KubeClient;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'padlock-sweep-'));
  vi.stubEnv('XDG_STATE_HOME', folder);
  server = await ApiServerFixture.start(
    { apiVersion: 'v1', kind: 'Namespace', plural: 'namespaces', namespaced: false },
    { ...secret, plural: 'secrets', namespaced: true },
    { ...certificateResource, plural: 'certificates', namespaced: true },
    { ...issuerResource, plural: 'issuers', namespaced: true },
    { ...challengeResource, plural: 'challenges', namespaced: true },
  );
  kube = await KubeClient.open(server.kubeconfig);
  for (const kind of [certificateResource, issuerResource, secret]) {
    server.put({ ...kind, metadata: { namespace, name: 'wildcard-a', labels } });
    server.put({ ...kind, metadata: { namespace, name: 'of-others' } });
  }
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await kube[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

const record = (dnsUpdates: boolean): RunRecord => ({
  ...{ run, dnsUpdates, gatewayNamespace: namespace, server: kube.server },
  ...{ createdAt: '2026-11-24T09:00:00.000Z', kubeconfig: 'config', context: null, dnsHook: null, hosts: [] },
  ...{ scratch: join(folder, 'scratch'), ingressClass: null, istio: null, installed: null },
});

const left = async () =>
  (await Promise.all([certificateResource, issuerResource, secret].map((kind) => kube.list({ ...kind, namespace }))))
    .flat()
    .map(({ kind, metadata }) => `${kind} ${metadata.name}`);
const deletions = () => server.requests.filter((each) => /^DELETE .*\/(?:issuers|secrets)\//.test(each));

test('removes what the run has in the namespace of the gateway, and nothing of others', async () => {
  await sweep(kube, record(false));
  expect(await left()).toEqual(['Certificate of-others', 'Issuer of-others', 'Secret of-others']);
});

test('removes what a fault has beside its own namespaces, and what cert-manager wrote for it', async () => {
  const gateway = { apiVersion: 'gateway.networking.k8s.io/v1', kind: 'Gateway' };
  const policy = { apiVersion: 'admissionregistration.k8s.io/v1', kind: 'ValidatingAdmissionPolicy' };
  server.resources.push(
    { ...gateway, plural: 'gateways', namespaced: true },
    { ...policy, plural: 'validatingadmissionpolicies', namespaced: false },
  );
  const ofFault = { ...labels, 'padlock.dev/fault': 'a-fault' };
  server.put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'fault-a-fault', labels: ofFault } });
  server.put({ ...gateway, metadata: { namespace, name: 'fault-a-fault', labels: ofFault } });
  server.put({ ...gateway, metadata: { namespace, name: 'of-others' } });
  server.put({ ...policy, metadata: { name: 'fault-a-fault', labels: ofFault } });
  server.put({
    ...certificateResource,
    metadata: { namespace, name: 'fault-a-fault', labels: ofFault },
    spec: { secretName: 'fault-a-fault' },
  });
  server.put({ ...secret, metadata: { namespace, name: 'fault-a-fault' } });
  await sweep(kube, record(false));
  expect(await left()).toEqual(['Certificate of-others', 'Issuer of-others', 'Secret of-others']);
  const names = async (kind: typeof gateway) => (await kube.list(kind)).map(({ metadata }) => metadata.name);
  expect(await names(gateway)).toEqual(['of-others']);
  expect(await names(policy)).toEqual([]);
  expect(await names({ apiVersion: 'v1', kind: 'Namespace' })).toEqual([]);
});

test.each(['letsencrypt-prod-issuer', 'redirect-issuer', 'wildcard-issuer'])(
  'removes the account key of the Issuer %s, which cert-manager creates without a label',
  async (issuer) => {
    server.put({ ...secret, metadata: { namespace, name: `account-${issuer}-a` } });
    await sweep(kube, record(false));
    expect(await left()).toEqual(['Certificate of-others', 'Issuer of-others', 'Secret of-others']);
  },
);

test('the Issuer and the TSIG key stay in the namespace of the gateway until the Challenges are gone', async () => {
  const challenge = { ...challengeResource, metadata: { namespace, name: 'wildcard-a-1-2-3' } };
  server.put(challenge);
  let removedBefore: readonly string[] | null = null;
  server.overrides.push(({ url = '' }) => {
    if (url.includes('/challenges?') && url.includes('watch=') && removedBefore === null) {
      removedBefore = deletions();
      setImmediate(() => server.delete(challenge));
    }
    return false;
  });
  await sweep(kube, record(true));
  expect(removedBefore).toEqual([]);
  expect(deletions()).toHaveLength(2);
  expect(await left()).toEqual(['Certificate of-others', 'Issuer of-others', 'Secret of-others']);
});
