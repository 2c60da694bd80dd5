import { expect, test } from 'vitest';
import { catalogue, pinnedComponent } from './catalogue.ts';
import { Components, type Image } from './components.ts';

const pause: Image = { name: 'registry.k8s.io/pause:3.10', archive: '/cache/p.tar', digest: 'sha256:aa', key: 'k1' };
const files = new Map([
  ['/cache/components/pebble/key/pebble', { component: 'pebble', sha256: 'ab' }],
  [
    '/cache/components/cert-manager/key/cert-manager-chart-old/values.yaml',
    { component: 'cert-manager', sha256: 'c0' },
  ],
  ['/cache/components/cert-manager/key/cert-manager-chart/Chart.yaml', { component: 'cert-manager', sha256: 'cd' }],
  ['/cache/components/istio/key/envoy-bootstrap.json', { component: 'istio', sha256: 'ef' }],
]);
const components = new Components('/cache', files, [pause]);

test('finds a program with its digest', () => {
  expect(components.binary('pebble')).toBe('/cache/components/pebble/key/pebble');
  expect(components.digest('pebble')).toBe('ab');
  expect(components.digestOfFile('/cache/components/pebble/key/pebble')).toBe('ab');
  expect(components.digestOfFile('/etc/hostname')).toBeUndefined();
});

test('finds a file, and a folder by its contents, by full names only', () => {
  expect(components.file('envoy-bootstrap.json')).toBe('/cache/components/istio/key/envoy-bootstrap.json');
  expect(components.file('cert-manager-chart')).toBe('/cache/components/cert-manager/key/cert-manager-chart');
  expect(() => components.file('envoy-bootstrap')).toThrow('no component contains envoy-bootstrap');
});

test('finds a folder even if a longer name precedes it in the same path', () => {
  const path = '/cache/gateway-api-crds-of/gateway-api-crds/crd.yaml';
  expect(new Components('/cache', new Map([[path, { component: 'x', sha256: '' }]]), []).file('gateway-api-crds')).toBe(
    '/cache/gateway-api-crds-of/gateway-api-crds',
  );
});

test('names the command that builds a missing program', () => {
  expect(() => components.binary('etcd')).toThrow('The program etcd is not built. Run padlock build.');
  expect(() => components.binary('etcd')).toThrow(expect.objectContaining({ exitCode: 3 }));
});

test('derives its key from the images, in any order', () => {
  const other: Image = { ...pause, name: 'docker.io/coredns/coredns:1', key: 'k2' };
  const key = (...images: Image[]) => new Components('/cache', files, images).key;
  expect(key(pause, other)).toBe(key(other, pause));
  expect(key(pause, other)).not.toBe(key(pause));
  expect(key({ ...pause, key: 'k3' })).not.toBe(key(pause));
});

test('describes programs and images only', () => {
  expect(components.describe()).toEqual([
    {
      name: 'pebble',
      version: pinnedComponent('pebble').version,
      source: 'github.com/letsencrypt/pebble/v2',
      digest: 'sha256:ab',
      note: expect.stringContaining('four fixes'),
    },
    { name: 'image registry.k8s.io/pause', version: '3.10', source: 'built here', digest: 'sha256:aa' },
  ]);
});

test('names the deviations from upstream of built components only', () => {
  const ids = ['cert-manager', 'istio', 'pebble'];
  const deviations = catalogue.flatMap(({ id, notUpstream }) => (ids.includes(id) ? (notUpstream ?? []) : []));
  expect(components.notUpstream).toEqual(expect.arrayContaining(deviations));
  expect(components.notUpstream).toHaveLength(ids.length);
  for (const sentence of components.notUpstream) expect(sentence).toMatch(/^.+\.$/);
});
