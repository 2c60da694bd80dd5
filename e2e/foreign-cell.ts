import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { parse, stringify } from 'yaml';
import { httpbinVersion } from '../src/components/catalogue.ts';
import { connectCell, downCell, type RunningCell } from '../src/environment/cell/cell.ts';
import { cellPaths } from '../src/environment/cell/cell-paths.ts';
import { type GetOverTls, ingressGatewayOfCharts } from '../src/environment/environment.ts';
import { runLabel } from '../src/environment/run-label.ts';
import { KubeClient } from '../src/kube/client.ts';
import { isOfIstio } from '../src/kube/istio-api.ts';
import type { KubeObject } from '../src/kube/kube-object.ts';
import { readManifest } from '../src/kube/manifests.ts';
import { type Ended, padlock } from './padlock-command.ts';

const fixtures = join(import.meta.dirname, '..', 'fixtures', 'existing');
/** Longer than any file of tests. */
const tokenSeconds = 3_600;
const directoryWithinMs = 5_000;
const folderPrefix = join(tmpdir(), 'padlock-foreign-');

/** True for a kubeconfig that one of these tests wrote: now, or before it was killed. */
export function isOfForeignCell(kubeconfig: string): boolean {
  return kubeconfig.startsWith(folderPrefix);
}

/** What is read and written here of a kubeconfig. */
interface Kubeconfig {
  clusters: { name: string; cluster: Record<string, string> }[];
  users: { name: string; user: Record<string, string> }[];
  contexts: { name: string; context: { cluster: string; user: string } }[];
  'current-context'?: string;
}

/**
 * A cell with the platform on it, used as if it were somebody else's cluster: by a kubeconfig of the ServiceAccount of
 * fixtures/existing/rbac.yaml, by the CA's URL and by a DNS hook.
 */
export class ForeignCell implements AsyncDisposable {
  readonly cell: RunningCell;
  /** Of the cluster's administrator. */
  readonly kube: KubeClient;
  /** Of the ServiceAccount, which may do what rbac.yaml grants. */
  readonly kubeconfig: string;
  readonly #folder: string;

  constructor(cell: RunningCell, kube: KubeClient, folder: string) {
    this.cell = cell;
    this.kube = kube;
    this.#folder = folder;
    this.kubeconfig = join(folder, 'restricted.yaml');
  }

  static async start(name: string): Promise<ForeignCell> {
    const { exitCode, stderr } = await padlock(['up', '--name', name]);
    if (exitCode !== 0) throw new Error(stderr);
    return await ForeignCell.of(await connectCell(name));
  }

  /** Takes a cell, which has cert-manager and a gateway or gets them. It goes with this. */
  static async of(cell: RunningCell): Promise<ForeignCell> {
    const kube = await KubeClient.open({ path: cell.kubeconfig });
    const foreign = new ForeignCell(cell, kube, await mkdtemp(folderPrefix));
    try {
      reachOutsideOf(cell);
      await foreign.grant('rbac.yaml');
      await foreign.kubeconfigOf('padlock', 'padlock', 'restricted.yaml');
      await foreign.#writeRoot();
      return foreign;
    } catch (error) {
      await foreign[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Grants the ServiceAccount what a manifest of fixtures/existing has. */
  async grant(manifest: string): Promise<void> {
    await this.kube.apply(await readManifest(join(fixtures, manifest)));
  }

  get #rootFile(): string {
    return join(this.#folder, 'root.pem');
  }

  /** A kubeconfig of a ServiceAccount. @param server another address of the API server @returns the file */
  async kubeconfigOf(namespace: string, name: string, file = `${name}.yaml`, server?: string): Promise<string> {
    return await this.#write(file, await this.tokenKubeconfig({ namespace, name }, server));
  }

  /**
   * The text of a kubeconfig of a ServiceAccount.
   *
   * @param server another address of the API server
   * @param boundTo a Secret with whose end the token ends
   */
  async tokenKubeconfig(
    { namespace, name }: { namespace: string; name: string },
    server?: string,
    boundTo?: { name: string; uid: string },
  ): Promise<string> {
    const boundObjectRef =
      boundTo === undefined ? {} : { boundObjectRef: { apiVersion: 'v1', kind: 'Secret', ...boundTo } };
    const answer = await this.kube.connection.json({
      what: `ask for a token of the ServiceAccount ${namespace}/${name}`,
      method: 'POST',
      path: `/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`,
      body: {
        contentType: 'application/json',
        text: JSON.stringify({
          apiVersion: 'authentication.k8s.io/v1',
          kind: 'TokenRequest',
          spec: { expirationSeconds: tokenSeconds, ...boundObjectRef },
        }),
      },
    });
    const { token } = (answer as { status: { token: string } }).status;
    return await this.#changed(({ users, clusters }) => {
      for (const user of users) user.user = { token };
      for (const { cluster } of clusters) if (server !== undefined) cluster.server = server;
    });
  }

  /**
   * Kubeconfigs of two users with the rights of rbac.yaml between them, as if Istio's control plane had an API server of its own:
   * one may use Istio's kinds, at another address of the API server, and one everything else. Both may use namespaces.
   */
  async splitKubeconfigs(): Promise<{ cluster: string; control: string }> {
    const role = (await readManifest(join(fixtures, 'rbac.yaml'))).find(({ kind }) => kind === 'ClusterRole');
    const rules = (role?.rules ?? []) as { apiGroups: string[]; resources: string[] }[];
    const isIstio = ({ apiGroups }: { apiGroups: string[] }) => apiGroups.some(isOfIstio);
    const readsMesh = { apiGroups: [''], resources: ['configmaps'], verbs: ['get'] };
    const sides = {
      cluster: rules.filter((rule) => !isIstio(rule)),
      control: [...rules.filter((rule) => isIstio(rule) || rule.resources.includes('namespaces')), readsMesh],
    };
    const rbac = 'rbac.authorization.k8s.io';
    const ofGateway = (await readManifest(join(fixtures, 'rbac.yaml'))).find(({ kind }) => kind === 'Role');
    const subject = (name: string) => [{ kind: 'ServiceAccount', name, namespace: 'padlock' }];
    await this.kube.apply(
      Object.entries(sides).flatMap(([side, ofSide]) => {
        const name = `padlock-${side}`;
        return [
          { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace: 'padlock' } },
          { apiVersion: `${rbac}/v1`, kind: 'ClusterRole', metadata: { name }, rules: ofSide },
          {
            ...{ apiVersion: `${rbac}/v1`, kind: 'ClusterRoleBinding', metadata: { name } },
            ...{ roleRef: { apiGroup: rbac, kind: 'ClusterRole', name }, subjects: subject(name) },
          },
        ];
      }),
    );
    const { namespace = '', name = '' } = ofGateway?.metadata ?? {};
    await this.kube.apply([
      {
        ...{ apiVersion: `${rbac}/v1`, kind: 'RoleBinding', metadata: { name: 'padlock-cluster', namespace } },
        ...{ roleRef: { apiGroup: rbac, kind: 'Role', name }, subjects: subject('padlock-cluster') },
      },
    ]);
    const cluster = await this.kubeconfigOf('padlock', 'padlock-cluster');
    const { nodeAddress } = this.cell.network;
    const control = await this.kubeconfigOf(
      'padlock',
      'padlock-control',
      'control.yaml',
      `https://${nodeAddress}:6443`,
    );
    return { cluster, control };
  }

  /** Changes the configuration of the mesh, which istiod watches. */
  async configureMesh(change: (mesh: Record<string, unknown>) => void): Promise<void> {
    const ref = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'istio-system', name: 'istio' };
    const data = ((await this.kube.get(ref))?.data ?? {}) as Record<string, string>;
    const mesh = parse(data.mesh ?? '') as Record<string, unknown>;
    change(mesh);
    await this.kube.patch(ref, { data: { mesh: stringify(mesh) } });
  }

  /** Writes the administrator's kubeconfig with a change. @returns the file */
  async writeKubeconfig(file: string, change: (config: Kubeconfig) => void): Promise<string> {
    return await this.#write(file, await this.#changed(change));
  }

  async #changed(change: (config: Kubeconfig) => void): Promise<string> {
    const config = parse(await readFile(this.cell.kubeconfig, 'utf8')) as Kubeconfig;
    change(config);
    return stringify(config);
  }

  async #write(file: string, kubeconfig: string): Promise<string> {
    const path = join(this.#folder, file);
    await writeFile(path, kubeconfig, { mode: 0o600 });
    return path;
  }

  async #writeRoot(): Promise<void> {
    const roots = await this.cell.ca.roots(getFromHere);
    await writeFile(this.#rootFile, roots.join('\n'));
  }

  get ca() {
    const { directoryUrl, directoryCaFile, userAgent } = this.cell.ca;
    return {
      directory: directoryUrl,
      directoryCa: directoryCaFile ?? undefined,
      caRoot: [this.#rootFile],
      caUserAgent: userAgent,
    };
  }

  /** What says which host names there are. */
  get hostNames() {
    const { domain, nameServers } = this.cell;
    return { domain, dnsHook: join(import.meta.dirname, 'cell-dns-hook.ts'), nameServer: nameServers };
  }

  /** The options of `padlock run` for DNS-01 by its name server. */
  get dnsUpdateOptions(): readonly string[] {
    const key = join(cellPaths(this.cell.name).outside, 'etc-bind', 'update.key');
    return ['--dns-update-server', this.cell.nameServers.join(), '--dns-update-key', key];
  }

  /** For the DNS hook. */
  get env() {
    return { PADLOCK_HOOK_CELL: this.cell.name };
  }

  /** The options of `padlock run` for this cluster. */
  runOptions(kubeconfig = this.kubeconfig): readonly string[] {
    return [...this.clusterOptions(kubeconfig), '--httpbin-image', `docker.io/mccutchen/go-httpbin:${httpbinVersion}`];
  }

  /** Those of them that every command takes. */
  clusterOptions(kubeconfig = this.kubeconfig): readonly string[] {
    const { directory, directoryCa = '', caRoot, caUserAgent } = this.ca;
    const { domain, dnsHook, nameServer } = this.hostNames;
    return [
      ...['--environment', 'existing', '--kubeconfig', kubeconfig],
      ...['--directory', directory, '--directory-ca', directoryCa, '--ca-user-agent', caUserAgent],
      ...caRoot.flatMap((file) => ['--ca-root', file]),
      ...['--domain', domain, '--dns-hook', dnsHook],
      ...nameServer.flatMap((address) => ['--name-server', address]),
    ];
  }

  /** Runs `padlock …` where the machine's own resolver asks the cell's name server, as the browser does. */
  async runBesideItsDns(args: readonly string[]): Promise<Ended> {
    const resolvConf = join(this.#folder, 'resolv.conf');
    await writeFile(resolvConf, this.cell.nameServers.map((address) => `nameserver ${address}\n`).join(''));
    const script = 'mount --bind "$0" /etc/resolv.conf && exec "$@"';
    return await padlock(args, this.env, ['unshare', '--mount', 'sh', '-c', script, resolvConf]);
  }

  /**
   * What runs have left in the cluster, a line each: all with a run's label, and the Secrets in the gateway's namespace with a
   * run's suffix anywhere in the name, which cert-manager creates without a label. Those with an owner go with it.
   *
   * @param run only of this run
   */
  async left(run?: string): Promise<readonly string[]> {
    const labelSelector = run === undefined ? runLabel : `${runLabel}=${run}`;
    const kinds = [
      { apiVersion: 'v1', kind: 'Namespace' },
      { apiVersion: 'v1', kind: 'Secret' },
      { apiVersion: 'cert-manager.io/v1', kind: 'Issuer' },
      { apiVersion: 'cert-manager.io/v1', kind: 'Certificate' },
      { apiVersion: 'networking.istio.io/v1', kind: 'Gateway' },
      { apiVersion: 'networking.istio.io/v1', kind: 'VirtualService' },
      { apiVersion: 'gateway.networking.k8s.io/v1', kind: 'Gateway' },
    ];
    const served = await Promise.all(kinds.map((kind) => this.kube.discovery.find(kind)));
    const labelled = await Promise.all(
      kinds.filter((_, index) => served[index]).map((kind) => this.kube.list({ ...kind, labelSelector })),
    );
    const { namespace: gatewayNamespace } = ingressGatewayOfCharts;
    const secrets = await this.kube.list({ apiVersion: 'v1', kind: 'Secret', namespace: gatewayNamespace });
    const suffix = run === undefined ? '-[0-9a-f]{6}' : run.replace(/^run/, '');
    const ofRun = new RegExp(`${suffix}(?:-|$)`);
    const unlabelled = secrets.filter(
      ({ metadata: { name, labels, ownerReferences } }) =>
        ofRun.test(name) && ownerReferences === undefined && labels?.[runLabel] === undefined,
    );
    return [...labelled.flat(), ...unlabelled].map(
      ({ kind, metadata: { namespace = '', name } }: KubeObject) => `${kind} ${namespace}/${name}`,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kube[Symbol.asyncDispose]();
    await rm(this.#folder, { recursive: true });
    await downCell(this.cell.name);
  }
}

/** This machine is outside for an existing cluster, and so asks its CA and its name server. The routes go with the cell. */
function reachOutsideOf({ network }: RunningCell): void {
  const { outsideAddress, nodeAddress, apiAddress } = network;
  for (const address of [outsideAddress, nodeAddress]) {
    execFileSync('ip', ['route', 'add', `${address}/32`, 'via', apiAddress]);
  }
}

/** From this machine, to an address instead of the one that the URL's host has. */
const getFromHere: GetOverTls = async (url, address, ca) => {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const lookup = (_host: string, _options: object, done: (error: null, found: object[]) => void) =>
    done(null, [{ address, family: 4 }]);
  request(url, { ca, lookup: lookup as never, timeout: directoryWithinMs }, (response) =>
    text(response).then(resolve, reject),
  )
    .on('error', reject)
    .end();
  return await promise;
};
