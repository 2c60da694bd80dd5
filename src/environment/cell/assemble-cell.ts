import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CaServerSetup } from '../../ca-servers/ca-server.ts';
import { caServerNamed } from '../../ca-servers/ca-servers.ts';
import { messageOf } from '../../error-message.ts';
import { preloadKubeClient } from '../../kube/client.ts';
import { runToEnd } from '../../run-to-end.ts';
import { scaled } from '../../time-scale.ts';
import { writeCaRoots } from '../ca/own-ca.ts';
import { assignLoadBalancerAddresses } from '../outside/load-balancer.ts';
import { directoryHost, outsideFolder, setUpOwnCa } from '../outside/outside-services.ts';
import { domain, nameServerConfiguration, updateKey, zoneFile } from '../outside/zone.ts';
import type { CellPaths } from './cell-paths.ts';
import { cloneImageStore } from './image-store.ts';
import type { KeeperSpec } from './keeper-protocol.ts';
import { apiServerReady } from './node/api-server-ready.ts';
import { type CellNetwork, cellNetwork, loadBalancerAddresses } from './node/cell-network.ts';
import { registryPort, startImageRegistry } from './node/image-registry.ts';
import { kubeconfig } from './node/kubeconfig-file.ts';
import { nodeComponents } from './node/node-components.ts';
import {
  cniConfiguration,
  containerdConfiguration,
  kubeletConfiguration,
  kubeProxyConfiguration,
  nodeFolder,
  registriesFolder,
  registryConfiguration,
} from './node/node-configuration.ts';
import { outsideProcesses } from './node/outside-processes.ts';
import { type CellPki, writeCellPki } from './node/pki.ts';
import { etcdSocket } from './prepared-state/etcd-arguments.ts';
import { EtcdGateway } from './prepared-state/etcd-gateway.ts';
import { copyPreparedState, type IntactState } from './prepared-state/prepared-state.ts';
import { newAuthorities, restoreObjects } from './prepared-state/restore-prepared-state.ts';
import type { CellProcess } from './processes/cell-process.ts';
import { cgroupHierarchies } from './processes/cgroups.ts';
import { holdNamespaces, type NamespaceHolder, runInside } from './processes/namespace-holder.ts';
import { describeProcessEnd } from './processes/process-end.ts';
import { ProcessSupervisor } from './processes/process-supervisor.ts';

const apiServerTimeLimitMs = 60_000;
/** containerd's content store in a cell's node folder. */
const imageBlobs = 'containerd/io.containerd.content.v1.content/blobs/sha256';

interface CellObserver {
  readonly signal: AbortSignal;
  onPhase(phase: string): void;
  onNamespaces(nodePid: number, outsidePid: number): Promise<void>;
  /** The prepared state cannot be used; the cell starts with an empty cluster. */
  onStateRefused(message: string): void;
  /** Called as often as something of the cell fails, at that moment. @param message a sentence without its full stop */
  onFailure(message: string): void;
}

/** A running cell; `end` kills its processes and returns once the kernel has removed them. */
export interface StartedCell {
  /** The digest of the prepared state that it was restored from; null for an empty cluster. */
  readonly restoredFrom: string | null;
  end(): Promise<void>;
}

/** Makes namespaces, network, PKI and configuration, and starts every process of a cell. @throws the first failure */
export async function assembleCell(spec: KeeperSpec, paths: CellPaths, observer: CellObserver): Promise<StartedCell> {
  const network = cellNetwork(spec.slot);
  const nodeName = `padlock-${spec.name}`;
  const holders: NamespaceHolder[] = [];
  const supervisor = new ProcessSupervisor(spec.name, paths.logs, (end) => observer.onFailure(describeProcessEnd(end)));
  const end = async () => {
    supervisor.release();
    await Promise.all(
      holders.map(async ({ pid, process }) => {
        const ended = process.exitCode === null && process.signalCode === null ? once(process, 'exit') : null;
        // The namespace's first process: with it go all others, and unshare ends only after the kernel is done with them.
        killIfAlive(pid);
        await ended;
      }),
    );
  };
  try {
    const binary = (name: string): string => {
      const path = spec.binaries[name];
      if (!path) throw new Error(`no binary ${name} was built`);
      return path;
    };
    const nodeProcesses = nodeComponents(binary, nodeName, network);
    const holding = Promise.all([hold(nodeName, holders), hold(`${nodeName}-outside`, holders)]);
    const preparing = prepareState(spec.preparedState, paths, observer);
    // etcd takes as long to start as everything else that comes before the API server.
    const etcdStarted = (async () => {
      const [[node], state] = await Promise.all([holding, preparing]);
      await mountNodeFolder(node, paths);
      for (const process of nodeProcesses) if (process.startsWhen === 'folder-mounted') supervisor.start(node, process);
      return state;
    })();
    etcdStarted.catch(() => {});
    const [[node, outside], pki] = await Promise.all([
      holding,
      writeCellPki({
        folder: paths.pki,
        nodeName,
        apiAddresses: [network.apiServiceAddress, network.apiAddress, network.nodeAddress],
        nodeAddresses: [network.nodeAddress],
        directoryName: directoryHost,
        directoryAddress: network.outsideAddress,
      }),
      mkdir(paths.logs, { recursive: true, mode: 0o700 }),
      cloneImageStore(spec.imageStore, join(paths.node, 'containerd')),
    ]);
    await observer.onNamespaces(node.pid, outside.pid);
    observer.signal.throwIfAborted();
    const restored = etcdStarted.then(async (state) => {
      if (state === null) return null;
      const { subnet } = network;
      await restoreObjects(
        {
          state: state.intact,
          etcd: new EtcdGateway(join(paths.node, etcdSocket)),
          values: { nodeName, subnet: subnet.slice(0, subnet.lastIndexOf('.')) },
          cellCertificate: pki.caCertificate,
          signal: observer.signal,
        },
        state.authorities,
      );
      return state;
    });
    restored.catch(() => {});
    const server = caServerNamed(spec.ca);
    const { certificate, key: privateKey } = pki.identities['acme-directory'];
    const setup = await setUpOwnCa(
      server,
      { certificate, privateKey, root: pki.caCertificate },
      network.outsideAddress,
    );
    await Promise.all([
      writeNodeFiles(spec.name, nodeName, network, paths, pki, binary('containerd-shim-runc-v2')),
      writeOutsideFiles(network, paths, setup),
      writeCaRoots(paths.root, setup),
      writeFile(
        paths.kubeconfig,
        kubeconfig({
          server: `https://${network.apiAddress}:6443`,
          caCertificate: pki.caCertificate,
          identity: pki.identities.admin,
          name: nodeName,
        }),
        { mode: 0o600 },
      ),
      connect(node, outside, network),
    ]);
    await Promise.all([etcdStarted.then(() => prepareNodeMounts(node)), prepareOutsideMounts(outside, paths)]);
    observer.onPhase('namespaces');
    observer.signal.throwIfAborted();

    const startNodeProcesses = (moment: CellProcess['startsWhen']) => {
      for (const process of nodeProcesses) if (process.startsWhen === moment) supervisor.start(node, process);
    };
    startNodeProcesses('at-once');
    for (const process of outsideProcesses(binary, server, setup)) supervisor.start(outside, process);
    const state = await restored;
    if (state !== null) observer.onPhase('state-restored');
    startNodeProcesses('state-restored');
    observer.onPhase('processes');
    const loading = preloadKubeClient();
    loading.catch(() => {});
    const registry = Promise.withResolvers<unknown>();
    registry.promise.catch(() => {});
    await apiServerReady({
      address: network.apiAddress,
      pki,
      withinMs: scaled(apiServerTimeLimitMs),
      signal: observer.signal,
      onAnswering: () => {
        observer.onPhase('api-server-answers');
        startNodeProcesses('api-server-answers');
        // Nothing pulls before, and the API server has the processors for itself until now.
        registry.resolve(startImageRegistry(node.pid, { images: spec.images, blobs: join(paths.node, imageBlobs) }));
      },
    });
    observer.onPhase('api-server-ready');
    startNodeProcesses('api-server-ready');
    await registry.promise;
    void assignLoadBalancerAddresses(paths.kubeconfig, loadBalancerAddresses(network), observer.signal).catch(
      (error: unknown) => {
        if (observer.signal.aborted) return;
        observer.onFailure(`the Services of type LoadBalancer get no addresses any more (${messageOf(error)})`);
      },
    );
    return { end, restoredFrom: state?.intact.digest ?? null };
  } catch (error) {
    await end();
    throw error;
  }
}

/** Copies the prepared state and makes new authorities for it. Null where the cell starts with an empty cluster. */
async function prepareState(
  folder: string | null,
  paths: CellPaths,
  observer: CellObserver,
): Promise<{ intact: IntactState; authorities: ReturnType<typeof newAuthorities> } | null> {
  const dataFolder = join(paths.node, 'etcd');
  await mkdir(paths.node, { recursive: true, mode: 0o700 });
  try {
    const intact = folder === null ? null : await copyPreparedState(folder, dataFolder);
    if (intact !== null) {
      const authorities = newAuthorities(intact);
      authorities.catch(() => {});
      return { intact, authorities };
    }
  } catch (error) {
    observer.onStateRefused(messageOf(error));
  }
  await mkdir(dataFolder, { recursive: true, mode: 0o700 });
  return null;
}

function killIfAlive(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

async function hold(hostname: string, holders: NamespaceHolder[]): Promise<NamespaceHolder> {
  const holder = await holdNamespaces(hostname);
  holders.push(holder);
  return holder;
}

async function writeNodeFiles(
  cell: string,
  nodeName: string,
  network: CellNetwork,
  paths: CellPaths,
  pki: CellPki,
  shim: string,
): Promise<void> {
  await mkdir(paths.node, { recursive: true, mode: 0o700 });
  const write = (name: string, content: string) => writeFile(join(paths.node, name), content, { mode: 0o600 });
  const identities = { 'controller-manager': true, scheduler: true, 'kube-proxy': true, kubelet: true } as const;
  await Promise.all([
    mkdir(join(paths.node, 'kubelet'), { recursive: true }),
    mkdir(join(paths.node, registriesFolder, '_default'), { recursive: true }).then(() =>
      write(join(registriesFolder, '_default', 'hosts.toml'), registryConfiguration(registryPort)),
    ),
    write('containerd.toml', containerdConfiguration(shim)),
    write('padlock.conflist', cniConfiguration(network)),
    write('kubelet.yaml', kubeletConfiguration(cell, network, cgroupHierarchies())),
    write('kube-proxy.yaml', kubeProxyConfiguration(nodeName, network)),
    writeFile(join(paths.node, 'resolv.conf'), `nameserver ${network.outsideAddress}\n`, { mode: 0o644 }),
    ...(Object.keys(identities) as (keyof typeof identities)[]).map((name) =>
      write(
        `${name}.kubeconfig`,
        kubeconfig({
          server: `https://${network.nodeAddress}:6443`,
          caCertificate: pki.caCertificate,
          identity: pki.identities[name],
          name: nodeName,
        }),
      ),
    ),
  ]);
}

async function writeOutsideFiles(network: CellNetwork, paths: CellPaths, setup: CaServerSetup): Promise<void> {
  const bind = join(paths.outside, 'etc-bind');
  const zones = join(paths.outside, 'var-cache-bind');
  const ca = join(paths.outside, 'ca');
  await Promise.all([bind, zones, ca].map((folder) => mkdir(folder, { recursive: true })));
  await Promise.all([
    writeFile(join(bind, 'named.conf'), nameServerConfiguration()),
    writeFile(join(bind, 'update.key'), updateKey(), { mode: 0o600 }),
    writeFile(join(zones, `${domain}.zone`), zoneFile(network.outsideAddress)),
    writeFile(join(paths.outside, 'resolv.conf'), `nameserver ${network.outsideAddress}\n`),
    ...setup.files.map(({ name, content, isSecret }) =>
      writeFile(join(ca, name), content, { mode: isSecret ? 0o600 : 0o644 }),
    ),
  ]);
}

/** Two links: this machine to the node, and the node to the outside. They are removed with their namespaces. */
async function connect(node: NamespaceHolder, outside: NamespaceHolder, network: CellNetwork): Promise<void> {
  const { hostInterface: host } = network;
  await runToEnd(
    'ip',
    ['-batch', '-'],
    [
      `link add ${host} type veth peer name host0 netns ${node.pid}`,
      `link add out0 netns ${node.pid} type veth peer name node0 netns ${outside.pid}`,
      `addr add ${network.hostAddress}/30 dev ${host}`,
      `link set ${host} up`,
      `route add ${network.loadBalancerRange} via ${network.apiAddress} dev ${host}`,
      '',
    ].join('\n'),
  );
  await runInside(
    node.pid,
    `ip -batch - <<'END'
link set lo up
addr add ${network.apiAddress}/30 dev host0
link set host0 up
addr add ${network.nodeAddress}/30 dev out0
link set out0 up
route add default via ${network.outsideAddress}
END
echo 1 > /proc/sys/net/ipv4/ip_forward
echo 0 > /proc/sys/net/ipv4/conf/all/rp_filter
echo 0 > /proc/sys/net/ipv4/conf/default/rp_filter`,
  );
  await runInside(
    outside.pid,
    `ip -batch - <<'END'
link set lo up
addr add ${network.outsideAddress}/30 dev node0
link set node0 up
route add default via ${network.nodeAddress}
END`,
  );
}

/** The cell's folder becomes {@link nodeFolder}, and the loopback interface is up: all that etcd needs. */
async function mountNodeFolder(node: NamespaceHolder, paths: CellPaths): Promise<void> {
  await mkdir(paths.node, { recursive: true, mode: 0o700 });
  await runInside(
    node.pid,
    `cd '${paths.node}'
ip link set lo up
mount -t tmpfs -o mode=755 tmpfs /run
mkdir /run/cell /run/overlay
mount --no-canonicalize --bind . /run/cell`,
  );
}

/** /etc and /var become private to the node (overlayfs), so that nothing of this machine is written to. */
async function prepareNodeMounts(node: NamespaceHolder): Promise<void> {
  await runInside(
    node.pid,
    `for top in etc var; do
  mkdir -p /run/overlay/$top/upper /run/overlay/$top/work
  mount -t overlay -o lowerdir=/$top,upperdir=/run/overlay/$top/upper,workdir=/run/overlay/$top/work overlay /$top
done
mkdir -p /etc/cni/net.d /var/lib/kubelet /var/lib/containerd /var/log/pods /var/lib/cni
rm -f /etc/cni/net.d/*
cp ${nodeFolder}/padlock.conflist /etc/cni/net.d/10-padlock.conflist
rm -f /etc/resolv.conf && cp ${nodeFolder}/resolv.conf /etc/resolv.conf
mount --bind ${nodeFolder}/kubelet /var/lib/kubelet
mount --bind ${nodeFolder}/containerd /var/lib/containerd
mount --make-rshared /`,
  );
}

async function prepareOutsideMounts(outside: NamespaceHolder, paths: CellPaths): Promise<void> {
  await runInside(
    outside.pid,
    `cd '${paths.outside}'
mount -t tmpfs -o mode=755 tmpfs /run
mkdir -p ${outsideFolder} /run/named
mount --no-canonicalize --bind . ${outsideFolder}
mount --bind ${outsideFolder}/etc-bind /etc/bind
mount --bind ${outsideFolder}/var-cache-bind /var/cache/bind
if [ ! -L /etc/resolv.conf ]; then mount --bind ${outsideFolder}/resolv.conf /etc/resolv.conf; fi`,
  );
}
