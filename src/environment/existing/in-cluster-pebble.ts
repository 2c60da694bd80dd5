import { isIPv6 } from 'node:net';
import type { CaServerSetup } from '../../ca-servers/ca-server.ts';
import { pebble } from '../../ca-servers/pebble/pebble.ts';
import type { KubeClient } from '../../kube/client.ts';
import type { KubeObject } from '../../kube/kube-object.ts';
import { waitForDeployment } from '../../kube/wait-for-deployment.ts';
import { createAuthority, issueCertificate } from '../certificates.ts';
import { labelled } from '../run-label.ts';

/** Above 1023, so that no privilege is needed to listen. */
const directoryPort = 14000;
const managementPort = 15000;
const name = 'pebble';
const filesFolder = '/etc/padlock-pebble';
/** Any user but root: the program only reads its files. */
const userId = 65532;
const availableWithinMs = 120_000;
const endpointWithinMs = 30_000;
const rootWithinMs = 30_000;

/** The settings of a Pebble in the cluster. */
export interface InClusterPebbleRequest {
  readonly run: string;
  readonly image: string;
  /** The IP address of the name server that validation asks; when undefined, cluster DNS, as for every Pod. */
  readonly nameServer: string | undefined;
}

/** The objects of a run's own Pebble, ready to apply. */
export interface InClusterPebble {
  readonly namespace: string;
  /** All its objects, its Namespace first, labelled with the run. */
  readonly objects: readonly KubeObject[];
  /** The ACME directory as Pods reach it. */
  readonly directoryUrl: string;
  /** The root of the directory's own certificate, PEM. */
  readonly directoryCa: string;
}

/**
 * Describes a Pebble: a Deployment and a Service in one of the run's namespaces. Its directory's certificate is issued by a new
 * root, whose key is not kept.
 */
export async function inClusterPebble({ run, image, nameServer }: InClusterPebbleRequest): Promise<InClusterPebble> {
  const namespace = `${name}${run.replace(/^run/, '')}`;
  // Without the cluster domain, which may differ from cluster.local: Pods resolve it with their search list.
  const host = `${name}.${namespace}.svc`;
  const authority = await createAuthority('padlock-pebble-ca');
  const identity = await issueCertificate(authority, {
    commonName: name,
    usage: 'server',
    dnsNames: [host, `${host}.cluster.local`],
  });
  const { certificate, key: privateKey } = identity;
  const setup = await pebble.setUp({
    folder: filesFolder,
    listenAddress: '0.0.0.0',
    host,
    directoryPort,
    managementPort,
    identity: { certificate, privateKey, root: authority.certificate },
    nameServer: nameServer === undefined ? null : isIPv6(nameServer) ? `[${nameServer}]:53` : `${nameServer}:53`,
    http01Port: 80,
    tlsAlpn01Port: 443,
  });
  const labels = { app: name };
  const objects: readonly KubeObject[] = [
    // Where Istio injects into every namespace, a sidecar would terminate the CA's TLS.
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels: { 'istio-injection': 'disabled' } } },
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name, namespace },
      type: 'Opaque',
      stringData: filesOf(setup, true),
    },
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data: filesOf(setup, false) },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, namespace },
      spec: {
        selector: labels,
        ports: [
          { name: 'directory', port: 443, targetPort: directoryPort },
          { name: 'management', port: managementPort, targetPort: managementPort },
        ],
      },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name, namespace },
      spec: {
        // A second replica would not know the accounts of the first.
        replicas: 1,
        selector: { matchLabels: labels },
        template: {
          metadata: { labels: { ...labels, 'sidecar.istio.io/inject': 'false' } },
          spec: podSpec(image, setup),
        },
      },
    },
  ];
  return {
    namespace,
    objects: objects.map((object) => labelled(object, run)),
    directoryUrl: `https://${host}${pebble.directoryPath}`,
    directoryCa: setup.directoryRoot,
  };
}

/** Contents by file name: those that hold a key, or the others. */
function filesOf({ files }: CaServerSetup, areSecret: boolean): Readonly<Record<string, string>> {
  return Object.fromEntries(
    files.filter(({ isSecret }) => isSecret === areSecret).map(({ name: file, content }) => [file, content]),
  );
}

function podSpec(image: string, setup: CaServerSetup) {
  return {
    // It has nothing to finish, and as process 1 of its container it ignores SIGTERM.
    terminationGracePeriodSeconds: 1,
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    securityContext: {
      runAsNonRoot: true,
      runAsUser: userId,
      runAsGroup: userId,
      fsGroup: userId,
      seccompProfile: { type: 'RuntimeDefault' },
    },
    // Validation looks up full names. With the search list it would look up others first.
    dnsConfig: { options: [{ name: 'ndots', value: '1' }] },
    containers: [
      {
        name,
        image,
        args: [...setup.arguments],
        env: Object.entries(setup.environment).map(([variable, value]) => ({ name: variable, value })),
        ports: [
          { name: 'directory', containerPort: directoryPort },
          { name: 'management', containerPort: managementPort },
        ],
        readinessProbe: {
          httpGet: { path: pebble.directoryPath, port: directoryPort, scheme: 'HTTPS' },
          periodSeconds: 1,
        },
        securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
        volumeMounts: [{ name: 'files', mountPath: filesFolder, readOnly: true }],
      },
    ],
    volumes: [
      {
        name: 'files',
        projected: { defaultMode: 0o440, sources: [{ configMap: { name } }, { secret: { name } }] },
      },
    ],
  };
}

/** Applies a Pebble and waits until it can be reached. @throws KubeError, TimeoutError with the image that did not start */
export async function installInClusterPebble(
  kube: KubeClient,
  { namespace, objects }: InClusterPebble,
  image: string,
  signal: AbortSignal,
): Promise<void> {
  await kube.apply(objects, { signal });
  await waitForDeployment(
    kube,
    { namespace, name },
    {
      what: `Deployment ${namespace}/${name} with the image ${image} to be Available`,
      withinMs: availableWithinMs,
      signal,
    },
  );
  // The API server's proxy uses these. They may appear after the condition of the Deployment.
  const labelSelector = `kubernetes.io/service-name=${name}`;
  const slices = { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', namespace, labelSelector };
  await kube.waitFor(slices, (seen) => seen.find(hasReadyEndpoint), {
    what: `Service ${namespace}/${name} to have an endpoint`,
    withinMs: endpointWithinMs,
    signal,
  });
}

function hasReadyEndpoint({ endpoints }: KubeObject): boolean {
  const known = (endpoints ?? []) as readonly { readonly conditions?: { readonly ready?: boolean } }[];
  return known.some(({ conditions }) => conditions?.ready === true);
}

/** The path on the API server that proxies to one of Pebble's roots: over TLS, to the management port of the Service. */
export function rootPath(namespace: string, path: string): string {
  return `/api/v1/namespaces/${namespace}/services/https:${name}:management/proxy${path}`;
}

/**
 * Fetches the roots that the chains of a Pebble in the cluster end at, PEM. The API server does not verify the certificate
 * behind a Service, so this trusts the cluster's network.
 *
 * @throws KubeError when the API server or Pebble does not answer 200
 */
export async function rootsOfInClusterPebble(kube: KubeClient, namespace: string): Promise<readonly string[]> {
  return await Promise.all((pebble.rootPaths ?? []).map((path) => rootAt(kube, namespace, path)));
}

async function rootAt(kube: KubeClient, namespace: string, path: string): Promise<string> {
  const chunks = await kube.connection.stream({
    what: `get Pebble's root from the management port of Service ${namespace}/${name}`,
    path: rootPath(namespace, path),
    signal: AbortSignal.timeout(rootWithinMs),
  });
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts).toString('utf8');
}
