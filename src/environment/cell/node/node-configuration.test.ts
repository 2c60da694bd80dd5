import { expect, test } from 'vitest';
import { parse } from 'yaml';
import type { CgroupHierarchy } from '../processes/cgroups.ts';
import { cellNetwork } from './cell-network.ts';
import {
  cniConfiguration,
  containerdConfiguration,
  kubeletConfiguration,
  kubeProxyConfiguration,
  lacksSysResource,
  registryConfiguration,
} from './node-configuration.ts';

const network = cellNetwork(7);
const unified: readonly CgroupHierarchy[] = [{ path: '/sys/fs/cgroup', version: 2, controllers: [] }];
const memoryOnly: readonly CgroupHierarchy[] = [{ path: '/sys/fs/cgroup/memory', version: 1, controllers: ['memory'] }];

test.each([
  ['000001ffffffffff', false],
  ['0000000001000000', false],
  ['000001fffeffffff', true],
  ['0000000000000000', true],
])('reads CAP_SYS_RESOURCE out of the effective capabilities %s: lacking %s', (capabilities, lacking) => {
  expect(lacksSysResource(`CapPrm:\t0000000001000000\nCapEff:\t${capabilities}\nCapBnd:\t0000000001000000\n`)).toBe(
    lacking,
  );
});

test('treats a process without a line of capabilities as having all', () => {
  expect(lacksSysResource('Name:\tnode\n')).toBe(false);
});

test('tells containerd which pause image to keep and where the CNI plugins are', () => {
  const text = containerdConfiguration('/cache/containerd-shim-runc-v2');
  expect(text).toMatch(/^version = 3$/m);
  expect(text).toMatch(/^sandbox = "registry\.k8s\.io\/pause:3\.10"$/m);
  expect(text).toMatch(/^bin_dirs = \["\/usr\/lib\/cni"\]$/m);
  // A machine with Docker has an older shim on its PATH.
  expect(text).toMatch(/^runtime_path = "\/cache\/containerd-shim-runc-v2"$/m);
  expect(text).toMatch(/^restrict_oom_score_adj = (true|false)$/m);
});

test('tells containerd that the one registry is inside the node', () => {
  expect(containerdConfiguration('/shim')).toMatch(/^config_path = "\/run\/cell\/registries"$/m);
  expect(registryConfiguration(10_299)).toBe(
    'server = "http://127.0.0.1:10299"\n\n[host."http://127.0.0.1:10299"]\ncapabilities = ["pull", "resolve"]\n',
  );
});

test('gives Pods addresses of the Pod range', () => {
  const { plugins } = JSON.parse(cniConfiguration(network));
  expect(plugins[0].ipam.ranges).toEqual([[{ subnet: '10.244.0.0/24' }]]);
  expect(plugins[1]).toEqual({ type: 'portmap', capabilities: { portMappings: true } });
});

test('keeps all Pods of a cell in its own cgroup, on either version', () => {
  for (const hierarchies of [unified, memoryOnly]) {
    expect(parse(kubeletConfiguration('default', network, hierarchies))).toMatchObject({
      kind: 'KubeletConfiguration',
      cgroupDriver: 'cgroupfs',
      cgroupRoot: '/padlock-default/pods',
      failCgroupV1: false,
      clusterDNS: ['10.96.0.10'],
      failSwapOn: false,
    });
  }
});

test('requires a certificate or a token to use the kubelet', () => {
  expect(parse(kubeletConfiguration('default', network, unified))).toMatchObject({
    authentication: { anonymous: { enabled: false }, x509: { clientCAFile: '/run/cell/pki/ca.crt' } },
    authorization: { mode: 'Webhook' },
  });
});

test('lets kube-proxy use nftables and write no conntrack sysctl', () => {
  expect(parse(kubeProxyConfiguration('node-1', network))).toMatchObject({
    mode: 'nftables',
    hostnameOverride: 'node-1',
    clusterCIDR: '10.244.0.0/16',
    conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
  });
});
