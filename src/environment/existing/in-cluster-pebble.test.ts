import { X509Certificate } from 'node:crypto';
import { beforeAll, expect, test } from 'vitest';
import type { KubeObject } from '../../kube/kube-object.ts';
import { type InClusterPebble, inClusterPebble, rootPath } from './in-cluster-pebble.ts';

const image = 'ghcr.io/letsencrypt/pebble:2';
let pebble: InClusterPebble;
beforeAll(async () => {
  pebble = await inClusterPebble({ run: 'run-abc', image, nameServer: undefined });
});

function objectOf<Content>(kind: string, { objects } = pebble): KubeObject & Content {
  const found = objects.find((object) => object.kind === kind);
  if (found === undefined) throw new Error(`there is no ${kind}`);
  return found as KubeObject & Content;
}

interface DeploymentContent {
  readonly spec: { readonly template: { readonly spec: { readonly containers: readonly { args: string[] }[] } } };
}

test('is all in a namespace of the run, and labelled with it', () => {
  expect(pebble.namespace).toBe('pebble-abc');
  for (const { kind, metadata } of pebble.objects) {
    expect(metadata.labels?.['padlock.dev/run']).toBe('run-abc');
    expect(kind === 'Namespace' ? metadata.name : metadata.namespace).toBe('pebble-abc');
  }
});

test('has a certificate for the name in the URL of its directory, by its own root', () => {
  const { data } = objectOf<{ data: Record<string, string> }>('ConfigMap');
  const certificate = new X509Certificate(data['directory.crt'] ?? '');
  const root = new X509Certificate(pebble.directoryCa);
  const { hostname } = new URL(pebble.directoryUrl);
  expect(hostname).toBe('pebble.pebble-abc.svc');
  expect(certificate.checkHost(hostname)).toBe(hostname);
  expect(certificate.verify(root.publicKey)).toBe(true);
});

test('is configured with one profile and the files that are mounted', () => {
  const { data } = objectOf<{ data: Record<string, string> }>('ConfigMap');
  const configuration = JSON.parse(data['pebble.json'] ?? '') as { pebble: Record<string, unknown> };
  expect(configuration.pebble).toMatchObject({
    certificate: '/etc/padlock-pebble/directory.crt',
    privateKey: '/etc/padlock-pebble/directory.key',
  });
  const { stringData } = objectOf<{ stringData: Record<string, string> }>('Secret');
  expect(Object.keys(stringData)).toEqual(['directory.key']);
  expect(Object.keys(configuration.pebble.profiles as object)).toEqual(['default']);
  const { spec } = objectOf<DeploymentContent>('Deployment');
  expect(spec.template.spec.containers[0]).toMatchObject({
    image,
    env: expect.arrayContaining([{ name: 'PEBBLE_VA_NOSLEEP', value: '1' }]),
  });
});

test.each([
  [undefined, []],
  ['192.0.2.53', ['-dnsserver', '192.0.2.53:53']],
  ['2001:db8::53', ['-dnsserver', '[2001:db8::53]:53']],
])('validates with the name server %s', async (nameServer, expected) => {
  const made = await inClusterPebble({ run: 'run-abc', image, nameServer });
  const { args = [] } = objectOf<DeploymentContent>('Deployment', made).spec.template.spec.containers[0] ?? {};
  expect(args.slice(3)).toEqual(expected);
});

test("asks for the root over the API server's proxy of the Service, by TLS", () => {
  expect(rootPath('pebble-abc', '/roots/1')).toBe(
    '/api/v1/namespaces/pebble-abc/services/https:pebble:management/proxy/roots/1',
  );
});
