import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ApiServerFixture, refuse, send } from '../../kube/api-server-fixture.ts';
import type { KubeObject } from '../../kube/kube-object.ts';
import { assignLoadBalancerAddresses } from './load-balancer.ts';

let server: ApiServerFixture;
let folder: string;
let stop: AbortController;
let assigning: Promise<void>;
/** The Services whose status was to be patched, in order. */
let patched: string[];
/** What the API server says to that, by Service; 200 unless given. */
let refusals: Map<string, number>;
let onPatch: (service: string) => void;

beforeEach(async () => {
  server = await ApiServerFixture.start({ apiVersion: 'v1', kind: 'Service', plural: 'services', namespaced: true });
  patched = [];
  refusals = new Map();
  onPatch = () => {};
  server.overrides.push((request, response) => {
    const service = /\/services\/([^/]+)\/status/.exec(request.url ?? '')?.[1];
    if (request.method !== 'PATCH' || service === undefined) return false;
    const status = refusals.get(service);
    if (status === undefined) send(response, 200, { apiVersion: 'v1', kind: 'Service', metadata: { name: service } });
    else refuse(response, status, 'Refused', 'refused');
    patched.push(service);
    onPatch(service);
    return true;
  });
  folder = await mkdtemp(join(tmpdir(), 'padlock-load-balancer-'));
  const kubeconfig = join(folder, 'kubeconfig');
  await writeFile(kubeconfig, server.kubeconfig.text);
  stop = new AbortController();
  assigning = assignLoadBalancerAddresses(kubeconfig, ['192.0.2.1', '192.0.2.2'], stop.signal);
});

afterEach(async () => {
  stop.abort();
  await assigning.catch(() => {});
  await server[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

function service(name: string): KubeObject {
  return { apiVersion: 'v1', kind: 'Service', metadata: { name, namespace: 'n' }, spec: { type: 'LoadBalancer' } };
}

/** Puts a Service and resolves when its status was to be patched. @throws if the assigning ended before */
async function given(name: string): Promise<void> {
  const asked = new Promise<void>((resolve) => {
    onPatch = (service) => service === name && resolve();
  });
  server.put(service(name));
  const ended = assigning.then(() => {
    throw new Error('the assigning ended');
  });
  await Promise.race([asked, ended]);
}

test.each([404, 409])('continues after a Service that was deleted or changed meanwhile (%i)', async (status) => {
  refusals.set('gone', status);
  await given('gone');
  await given('next');
  await given('last');
  expect(patched).toEqual(['gone', 'next', 'last']);
});

test('fails with any other error of the API server', async () => {
  refusals.set('forbidden', 403);
  server.put(service('forbidden'));
  await expect(assigning).rejects.toThrow(/forbidden/);
});

test('fails if no address is left', async () => {
  await given('one');
  await given('two');
  server.put(service('three'));
  await expect(assigning).rejects.toThrow('no address is left for Service n/three');
});
