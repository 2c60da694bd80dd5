import { readFileSync } from 'node:fs';
import { stringify } from 'yaml';
import { type CgroupHierarchy, cellCgroup, isUnified } from '../processes/cgroups.ts';
import type { CellNetwork } from './cell-network.ts';

/**
 * The configuration files of a cell's node. Paths are those inside the node's mount namespace, where the cell's `node`
 * folder is /run/cell and /etc and /var are private.
 */
export const nodeFolder = '/run/cell';
/** Where containerd looks for what is said about registries, within {@link nodeFolder}. */
export const registriesFolder = 'registries';
const containerdSocket = '/run/containerd/containerd.sock';

/** True if this process may not raise limits or lower OOM scores: CAP_SYS_RESOURCE is bit 24 (capabilities(7)). */
export function lacksSysResource(status = readFileSync('/proc/self/status', 'utf8')): boolean {
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1];
  return effective !== undefined && (BigInt(`0x${effective}`) & (1n << 24n)) === 0n;
}

/** containerd's configuration, version 3 (containerd docs/cri/config.md). */
export function containerdConfiguration(shim: string): string {
  return `version = 3
root = "/var/lib/containerd"
state = "/run/containerd"
# No plugin that a node of this kind does not use: they cost start-up time.
disabled_plugins = [
  "io.containerd.snapshotter.v1.blockfile", "io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.devmapper",
  "io.containerd.snapshotter.v1.erofs", "io.containerd.snapshotter.v1.native", "io.containerd.snapshotter.v1.zfs",
  "io.containerd.differ.v1.erofs", "io.containerd.tracing.processor.v1.otlp", "io.containerd.internal.v1.tracing",
  "io.containerd.nri.v1.nri",
]

[grpc]
address = "${containerdSocket}"

[plugins."io.containerd.cri.v1.images"]
snapshotter = "overlayfs"

[plugins."io.containerd.cri.v1.images".pinned_images]
sandbox = "registry.k8s.io/pause:3.10"

[plugins."io.containerd.cri.v1.images".registry]
config_path = "${nodeFolder}/${registriesFolder}"

[plugins."io.containerd.cri.v1.runtime"]
disable_apparmor = true
restrict_oom_score_adj = ${lacksSysResource()}

[plugins."io.containerd.cri.v1.runtime".cni]
bin_dirs = ["/usr/lib/cni"]
conf_dir = "/etc/cni/net.d"

[plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"
runtime_path = ${JSON.stringify(shim)}

[plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc.options]
SystemdCgroup = false
`;
}

/** The only registry that containerd asks, whatever an image's name says (containerd docs/hosts.md): the one inside the node. */
export function registryConfiguration(port: number): string {
  return `server = "http://127.0.0.1:${port}"

[host."http://127.0.0.1:${port}"]
capabilities = ["pull", "resolve"]
`;
}

/** The Pod network: one bridge on the one node (containernetworking plugins bridge, host-local, portmap). */
export function cniConfiguration(network: CellNetwork): string {
  return JSON.stringify({
    cniVersion: '1.0.0',
    name: 'padlock',
    plugins: [
      {
        type: 'bridge',
        bridge: 'cni0',
        isGateway: true,
        ipMasq: true,
        hairpinMode: true,
        ipam: {
          type: 'host-local',
          ranges: [[{ subnet: network.podRange.replace('/16', '/24') }]],
          routes: [{ dst: '0.0.0.0/0' }],
        },
      },
      { type: 'portmap', capabilities: { portMappings: true } },
    ],
  });
}

/** KubeletConfiguration (kubernetes.io, "Kubelet Configuration (v1beta1)"). */
export function kubeletConfiguration(
  cell: string,
  network: CellNetwork,
  hierarchies: readonly CgroupHierarchy[],
): string {
  return stringify({
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: `${nodeFolder}/pki/ca.crt` },
    },
    authorization: { mode: 'Webhook' },
    tlsCertFile: `${nodeFolder}/pki/kubelet.crt`,
    tlsPrivateKeyFile: `${nodeFolder}/pki/kubelet.key`,
    cgroupDriver: 'cgroupfs',
    cgroupRoot: `/${cellCgroup(cell)}/pods`,
    failCgroupV1: false,
    cgroupsPerQOS: true,
    enforceNodeAllocatable: [],
    localStorageCapacityIsolation: false,
    clusterDNS: [network.clusterDnsAddress],
    clusterDomain: 'cluster.local',
    resolvConf: `${nodeFolder}/resolv.conf`,
    containerRuntimeEndpoint: `unix://${containerdSocket}`,
    failSwapOn: false,
    oomScoreAdj: lacksSysResource() ? 0 : -999,
    // A cell lives for minutes and never collects images, so nothing may be evicted from it.
    evictionHard: { 'imagefs.available': '0%', 'nodefs.available': '0%', 'nodefs.inodesFree': '0%' },
    imageGCHighThresholdPercent: 100,
    serializeImagePulls: false,
    maxPods: 200,
    syncFrequency: '1s',
    fileCheckFrequency: '0s',
    httpCheckFrequency: '0s',
    nodeStatusUpdateFrequency: '2s',
    // Secrets and ConfigMaps reach Pods by watch, at once.
    configMapAndSecretChangeDetectionStrategy: 'Watch',
    registerWithTaints: [],
    rotateCertificates: false,
    shutdownGracePeriod: '0s',
    volumePluginDir: '/var/lib/kubelet/volume-plugins',
    ...(isUnified(hierarchies) ? {} : { cpuManagerPolicy: 'none' }),
  });
}

/** KubeProxyConfiguration: nftables, and no conntrack sysctl, which only the first network namespace may write. */
export function kubeProxyConfiguration(nodeName: string, network: CellNetwork): string {
  return stringify({
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    mode: 'nftables',
    hostnameOverride: nodeName,
    clusterCIDR: network.podRange,
    clientConnection: { kubeconfig: `${nodeFolder}/kube-proxy.kubeconfig` },
    oomScoreAdj: 0,
    conntrack: {
      maxPerCore: 0,
      min: 0,
      tcpEstablishedTimeout: '0s',
      tcpCloseWaitTimeout: '0s',
      udpTimeout: '0s',
      udpStreamTimeout: '0s',
    },
    nftables: { minSyncPeriod: '0s', syncPeriod: '30s' },
  });
}
