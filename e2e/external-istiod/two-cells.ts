import { parse, stringify } from 'yaml';
import { pebble } from '../../src/ca-servers/pebble/pebble.ts';
import { buildComponents, type Components } from '../../src/components/index.ts';
import { connectCell, type RunningCell } from '../../src/environment/cell/cell.ts';
import { readCellRecord } from '../../src/environment/cell/cell-record.ts';
import { PreparedCell } from '../../src/environment/cell/prepared-cell.ts';
import { runInside } from '../../src/environment/cell/processes/namespace-holder.ts';
import type { PlatformInstaller } from '../../src/environment/platform-installer.ts';
import type { KubeObject, ObjectRef } from '../../src/kube/kube-object.ts';
import { waitForDeployment } from '../../src/kube/wait-for-deployment.ts';
import { installPlatform, platformDigest, platformManifests } from '../../src/platform/install.ts';
import { runToEnd } from '../../src/run-to-end.ts';
import { ForeignCell } from '../foreign-cell.ts';
import { managedMesh } from './managed-mesh.ts';
import { clusterNames, controlPlaneManifests, dataPlaneManifests } from './manifests.ts';
import type { Mirror } from './mirror.ts';

const withinMs = 120_000;
const system = 'istio-system';
const istiod = { namespace: system, name: 'istiod' } as const;
const gateway = { namespace: system, name: 'istio-ingressgateway' } as const;
/** With whose end the token of istiod ends. */
const tokenOfIstiod = 'token-of-istiod';
const remoteSecret = 'istio-remote-secret-data-plane';
const rootOfIstiod = { apiVersion: 'v1', kind: 'ConfigMap', namespace: system, name: 'istio-ca-root-cert' } as const;

/**
 * Two cells: the control plane has an API server with Istio's kinds and istiod, the data plane the gateway, cert-manager, the
 * application and the Secrets. istiod reads the data plane by a remote secret, as in Istio's "Install Primary-Remote" and
 * "Install Istio with an External Control Plane".
 */
export class TwoCells implements AsyncDisposable {
  readonly controlPlane: ForeignCell;
  readonly dataPlane: ForeignCell;
  readonly #components: Components;
  readonly #parts: AsyncDisposableStack;
  #definitions: readonly KubeObject[] = [];
  #managedMesh: Mirror | undefined;

  private constructor(
    cells: { controlPlane: ForeignCell; dataPlane: ForeignCell },
    components: Components,
    parts: AsyncDisposableStack,
  ) {
    this.controlPlane = cells.controlPlane;
    this.dataPlane = cells.dataPlane;
    this.#components = components;
    this.#parts = parts;
  }

  /** @param name the prefix of the cells' names */
  static async start(name: string): Promise<TwoCells> {
    const { signal } = new AbortController();
    const components = await buildComponents({ signal, onProgress: () => {} });
    const parts = new AsyncDisposableStack();
    try {
      const [controlPlane, dataPlane] = await Promise.all([
        started(parts, `${name}-control`, components, await controlPlaneInstaller(components)),
        started(parts, `${name}-data`, components, await clusterInstaller(components)),
      ]);
      await connect(controlPlane.cell, dataPlane.cell);
      const cells = new TwoCells({ controlPlane, dataPlane }, components, parts);
      await cells.#join();
      return cells;
    } catch (error) {
      await parts.disposeAsync();
      throw error;
    }
  }

  /** Installs what the data plane has of Istio, and gives istiod the kubeconfig of it. */
  async #join(): Promise<void> {
    const [control, data] = [this.controlPlane.kube, this.dataPlane.kube];
    const address = await control.waitFor(
      { apiVersion: 'v1', kind: 'Service', namespace: system },
      (services) => addressOf(services.find(({ metadata }) => metadata.name === istiod.name)),
      { what: 'Service istiod to get an address', withinMs },
    );
    const root = ((await control.get(rootOfIstiod))?.data ?? {}) as Record<string, string>;
    const { definitions, others } = await dataPlaneManifests(this.#components, {
      address,
      root: root['root-cert.pem'] ?? '',
    });
    this.#definitions = definitions;
    const isGateway = ({ kind, metadata }: KubeObject) => kind === 'Deployment' && metadata.name === gateway.name;
    await data.apply(others.filter((object) => !isGateway(object)));
    await this.giveRemoteSecret();
    // istiod reads the cluster if it makes its root known there, and the gateway waits for that.
    await data.waitFor(
      { apiVersion: 'v1', kind: 'ConfigMap', namespace: system },
      (maps) => maps.find(({ metadata }) => metadata.name === rootOfIstiod.name),
      { what: "istiod's root in the data plane", withinMs },
    );
    await data.apply(others.filter(isGateway), { retryWithinMs: withinMs });
    await waitForDeployment(data, gateway, { withinMs, signal: new AbortController().signal });
    this.#managedMesh = this.#parts.use(managedMesh(data, control));
  }

  /** The definitions of Istio's kinds, which the data plane does not have at first. */
  get definitions(): readonly KubeObject[] {
    return this.#definitions;
  }

  async #kubeconfigOfIstiod(): Promise<string> {
    const [secret] = await this.dataPlane.kube.apply([
      { apiVersion: 'v1', kind: 'Secret', metadata: { name: tokenOfIstiod, namespace: system } },
    ]);
    const bound = { name: tokenOfIstiod, uid: secret?.metadata.uid ?? '' };
    return await this.dataPlane.tokenKubeconfig(istiod, `https://${this.addressOfDataPlane}:6443`, bound);
  }

  /** Ends the token of the remote secret: the API server refuses it from now on, as it does one that has expired. */
  async endTokenOfIstiod(): Promise<void> {
    await this.dataPlane.kube.remove({ apiVersion: 'v1', kind: 'Secret', namespace: system, name: tokenOfIstiod });
  }

  /** Resolves when istiod's log shows a line. @throws TimeoutError of the signal */
  async untilIstiodSays(words: RegExp, since: Date): Promise<void> {
    const { kube } = this.controlPlane;
    const signal = AbortSignal.timeout(withinMs);
    const [pod] = await kube.list({ apiVersion: 'v1', kind: 'Pod', namespace: system, labelSelector: 'app=istiod' });
    const options = { follow: true, sinceTime: since, signal };
    for await (const line of kube.podLogs(system, pod?.metadata.name ?? '', 'discovery', options)) {
      if (words.test(line)) return;
    }
    throw new Error(`istiod did not say ${words} within ${withinMs / 1000} s`);
  }

  /** What istiod reads the data plane with: a kubeconfig of its ServiceAccount there, in a Secret that it watches for. */
  async giveRemoteSecret(): Promise<void> {
    const kubeconfig = await this.#kubeconfigOfIstiod();
    await this.controlPlane.kube.apply([
      {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: {
          name: remoteSecret,
          namespace: system,
          labels: { 'istio/multiCluster': 'true' },
          annotations: { 'networking.istio.io/cluster': clusterNames.dataPlane },
        },
        stringData: { [clusterNames.dataPlane]: kubeconfig },
      },
    ]);
  }

  /**
   * Istio's own topology of an external control plane: its objects are in the data plane, too, and istiod reads all there. It keeps
   * its root, so that proxies go on.
   */
  async moveConfiguration(): Promise<void> {
    const [control, data] = [this.controlPlane.kube, this.dataPlane.kube];
    await this.#managedMesh?.[Symbol.asyncDispose]();
    await data.apply(this.#definitions, { retryWithinMs: withinMs });
    const kept = [
      { apiVersion: 'v1', kind: 'Secret', name: 'istio-ca-secret' },
      { apiVersion: 'v1', kind: 'ConfigMap', name: 'istio' },
      { apiVersion: 'v1', kind: 'ConfigMap', name: 'istio-sidecar-injector' },
    ];
    for (const each of kept) await data.apply([await this.#ofDataPlane({ ...each, namespace: system })]);
    await control.apply([
      {
        ...{ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'istio-kubeconfig', namespace: system } },
        stringData: { config: await this.#kubeconfigOfIstiod() },
      },
    ]);
    await control.remove({ apiVersion: 'v1', kind: 'Secret', namespace: system, name: remoteSecret });
    await this.#restartIstiod({
      CLUSTER_ID: clusterNames.dataPlane,
      PILOT_ENABLE_GATEWAY_API_DEPLOYMENT_CONTROLLER: 'true',
    });
  }

  /** An object of the control plane as it is for the cluster of the data plane, with Istio's own format of the access log. */
  async #ofDataPlane(ref: ObjectRef): Promise<KubeObject> {
    const found = await this.controlPlane.kube.get(ref);
    const { name, namespace } = ref;
    const data = { ...(found?.data as Record<string, string> | undefined) };
    if (data.values !== undefined)
      data.values = data.values.replaceAll(clusterNames.controlPlane, clusterNames.dataPlane);
    if (data.mesh !== undefined) data.mesh = stringify({ ...parse(data.mesh), accessLogFormat: undefined });
    const type = found?.type === undefined ? {} : { type: found.type };
    return {
      apiVersion: ref.apiVersion,
      kind: ref.kind,
      metadata: { name, namespace: namespace ?? '' },
      ...type,
      data,
    };
  }

  /** @param changed values of its environment */
  async #restartIstiod(changed: Readonly<Record<string, string>>): Promise<void> {
    const { kube } = this.controlPlane;
    const ref = { apiVersion: 'apps/v1', kind: 'Deployment', ...istiod };
    const { template } = ((await kube.get(ref))?.spec ?? {}) as { template: PodTemplate };
    const containers = template.spec.containers.map(({ name, env, ...rest }) => ({
      ...{ name, ...rest },
      env: env.map((each) => (each.name in changed ? { name: each.name, value: changed[each.name] } : each)),
    }));
    const annotations = { 'e2e/restarted': new Date().toISOString() };
    await kube.patch(ref, { spec: { template: { metadata: { annotations }, spec: { containers } } } });
    await kube.waitFor({ apiVersion: 'apps/v1', kind: 'Deployment', namespace: system }, rolledOut(istiod.name), {
      ...{ what: 'istiod to be replaced', withinMs },
    });
  }

  /** Whether the control plane reaches the API server of the data plane. */
  async letReach(isReachable: boolean): Promise<void> {
    const record = await readCellRecord(this.controlPlane.cell.name);
    if (record?.nodePid == null) throw new Error('the control plane has no node');
    const route = `unreachable ${this.addressOfDataPlane}/32`;
    await runInside(record.nodePid, isReachable ? `ip route del ${route}` : `ip route add ${route}`);
  }

  /** The address of the gateway's Service. */
  async addressOfGateway(): Promise<string> {
    return addressOf(await this.dataPlane.kube.get({ apiVersion: 'v1', kind: 'Service', ...gateway })) ?? '';
  }

  /** The API server of the data plane, as the control plane reaches it. */
  get addressOfDataPlane(): string {
    return this.dataPlane.cell.network.apiAddress;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#parts.disposeAsync();
  }
}

/** What is read and written here of a Deployment's Pods. */
interface PodTemplate {
  readonly spec: { readonly containers: readonly { name: string; env: readonly { name: string }[] }[] };
}

interface RolloutStatus {
  readonly observedGeneration?: number;
  readonly replicas?: number;
  readonly updatedReplicas?: number;
  readonly availableReplicas?: number;
}

/** The new Pods are there, and none of the old. */
function rolledOut(name: string) {
  return (deployments: readonly KubeObject[]): true | undefined => {
    const found = deployments.find(({ metadata }) => metadata.name === name);
    const { observedGeneration, replicas, updatedReplicas, availableReplicas } = (found?.status ?? {}) as RolloutStatus;
    const isSeen = observedGeneration === found?.metadata.generation;
    return isSeen && replicas === 1 && updatedReplicas === 1 && availableReplicas === 1 ? true : undefined;
  };
}

function addressOf(service: KubeObject | undefined): string | undefined {
  const { loadBalancer } = (service?.status ?? {}) as { loadBalancer?: { ingress?: { ip?: string }[] } };
  return loadBalancer?.ingress?.[0]?.ip;
}

async function started(
  parts: AsyncDisposableStack,
  name: string,
  components: Components,
  platform: PlatformInstaller,
): Promise<ForeignCell> {
  const { signal } = new AbortController();
  const prepared = new PreparedCell({
    ...{ name, ca: pebble, slot: undefined, running: null, installFresh: false, count: null, certManager: null },
  });
  await (await prepared.start({ components, platform, signal, onPhase: () => {} })).detach();
  return parts.use(await ForeignCell.of(await connectCell(name)));
}

async function controlPlaneInstaller(components: Components): Promise<PlatformInstaller> {
  const { ingressClass, gatewayApi } = await platformManifests(components);
  const manifests = {
    ...{ gatewayApi, certManager: [], ingressClass },
    istio: await controlPlaneManifests(components),
  };
  return {
    objects: Promise.resolve(manifests),
    digest: platformDigest(manifests, components),
    async install(kube, { isRestored, signal }) {
      if (!isRestored) await kube.apply(Object.values(manifests).flat(), { signal, retryWithinMs: withinMs });
      await waitForDeployment(kube, istiod, { withinMs, signal });
    },
  };
}

/** Everything but Istio. */
async function clusterInstaller(components: Components): Promise<PlatformInstaller> {
  const manifests = { ...(await platformManifests(components)), istio: [namespaceOfIstio] };
  const withoutIstio = { ...manifests, istio: [] };
  return {
    objects: Promise.resolve(manifests),
    digest: platformDigest(manifests, components),
    async install(kube, { clusterDnsAddress, isRestored, signal }) {
      if (!isRestored) await kube.apply([namespaceOfIstio], { signal });
      await installPlatform({
        ...{ kube, components, manifests: withoutIstio, clusterDnsAddress, isRestored, signal },
        onPhase: () => {},
      });
    },
  };
}

/** Says which istiod writes its root into the namespaces of this cluster. */
const namespaceOfIstio: KubeObject = {
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name: system, annotations: { 'topology.istio.io/controlPlaneClusters': clusterNames.controlPlane } },
};

/**
 * A link between the nodes of two cells. They reach each other's node and load balancer addresses by it; Pods leave with the
 * address of their node.
 */
async function connect(one: RunningCell, other: RunningCell): Promise<void> {
  const [ofOne, ofOther] = await Promise.all([one, other].map(({ name }) => readCellRecord(name)));
  const [pid, otherPid] = [ofOne?.nodePid, ofOther?.nodePid];
  if (pid == null || otherPid == null) throw new Error('a cell has no node');
  const prefix = one.network.subnet.replace(/\.0\/24$/, '');
  const ends = [`${prefix}.9`, `${prefix}.10`] as const;
  await runToEnd('ip', [
    'link',
    'add',
    'mesh0',
    'netns',
    String(pid),
    'type',
    'veth',
    'peer',
    'name',
    'mesh0',
    'netns',
    String(otherPid),
  ]);
  const script = (own: string, peer: string, subnet: string) =>
    `ip addr add ${own}/30 dev mesh0 && ip link set mesh0 up && ip route add ${subnet} via ${peer}`;
  await runInside(pid, script(ends[0], ends[1], other.network.subnet));
  await runInside(otherPid, script(ends[1], ends[0], one.network.subnet));
}
