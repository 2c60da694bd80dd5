import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { kindConfiguration, mirroredImage, nodeImageOf, registryHosts } from './kind-configuration.ts';

const request = { base: null, baseFile: '', nodeImage: null, registryHosts: null, cgroupV1: false };

test('asks for one node with the image that kind pins, and for nothing else', () => {
  expect(parse(kindConfiguration(request))).toEqual({
    kind: 'Cluster',
    apiVersion: 'kind.x-k8s.io/v1alpha4',
    nodes: [{ role: 'control-plane' }],
    kubeadmConfigPatches: [],
    containerdConfigPatches: [],
  });
});

test('adds the image, the mirror and what cgroup v1 needs to a configuration of the user, whose name it leaves out', () => {
  const base = `kind: Cluster
apiVersion: kind.x-k8s.io/v1alpha4
name: mine
networking: {kubeProxyMode: nftables}
nodes:
  - role: control-plane
    extraMounts: [{hostPath: /a, containerPath: /b}]
  - role: worker
kubeadmConfigPatches: ["kind: InitConfiguration"]
containerdConfigPatches: ["[debug]"]
`;
  const made = parse(
    kindConfiguration({ base, baseFile: 'kind.yaml', nodeImage: 'node:1', registryHosts: '/hosts', cgroupV1: true }),
  );
  expect(made.name).toBeUndefined();
  expect(made.networking).toEqual({ kubeProxyMode: 'nftables' });
  const hosts = { hostPath: '/hosts', containerPath: '/etc/containerd/certs.d', readOnly: true };
  expect(made.nodes).toEqual([
    { role: 'control-plane', image: 'node:1', extraMounts: [{ hostPath: '/a', containerPath: '/b' }, hosts] },
    { role: 'worker', image: 'node:1', extraMounts: [hosts] },
  ]);
  expect(made.kubeadmConfigPatches.map((patch: string) => parse(patch))).toEqual([
    { kind: 'InitConfiguration' },
    { kind: 'KubeletConfiguration', failCgroupV1: false },
  ]);
  expect(made.containerdConfigPatches).toHaveLength(2);
  expect(made.containerdConfigPatches[1]).toContain('config_path = "/etc/containerd/certs.d"');
});

test('names the file that is no configuration of kind, and why', () => {
  const refuse = (base: string) => () => kindConfiguration({ ...request, base, baseFile: 'my.yaml' });
  expect(refuse('kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha3\n')).toThrow(
    /^my\.yaml is not .*: apiVersion must be "kind\.x-k8s\.io\/v1alpha4"\.$/,
  );
  expect(refuse('{')).toThrow(/^my\.yaml is not a configuration of kind/);
  expect(refuse('')).toThrow(/^my\.yaml is not a configuration of kind/);
});

test('writes the mirror for containerd, and names images as the mirror has them', () => {
  expect(registryHosts('https://mirror.test:5000/')).toBe(
    '[host."https://mirror.test:5000"]\n  capabilities = ["pull", "resolve"]\n',
  );
  expect(mirroredImage('ghcr.io/letsencrypt/pebble:2', 'https://mirror.test:5000')).toBe(
    'mirror.test:5000/letsencrypt/pebble:2',
  );
  expect(mirroredImage('localhost/a:1', 'http://m.test')).toBe('m.test/a:1');
  expect(mirroredImage('istio/pilot:1', 'http://m.test')).toBe('m.test/istio/pilot:1');
  expect(mirroredImage('httpd', 'http://m.test')).toBe('m.test/library/httpd');
});

test('names the node image of a version with or without its v', () => {
  expect(nodeImageOf('1.37.0')).toBe('docker.io/kindest/node:v1.37.0');
  expect(nodeImageOf('v1.37.0')).toBe('docker.io/kindest/node:v1.37.0');
});
