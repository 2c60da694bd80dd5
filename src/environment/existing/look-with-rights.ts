import type { KubeClient } from '../../kube/client.ts';
import { describeCause, KubeError } from '../../kube/kube-error.ts';
import { UserError } from '../../user-error.ts';
import type { ExistingCaOptions } from '../ca/existing-ca.ts';
import { type DynamicUpdates, ingressGatewayOfCharts } from '../environment.ts';
import type { InstallPart } from './install-parts.ts';
import { needsComponents } from './install-plan.ts';
import { describeMissing, missingRights, rightsOfRun, rightsToInstall } from './rights.ts';

interface RightsRequest {
  readonly run: string;
  /** namespace/name of the ingress gateway's Service, if chosen by the user. */
  readonly gateway?: string | undefined;
  readonly allowClusterChanges: boolean;
  /** Null if the CA is installed by the run. */
  readonly ca: Pick<ExistingCaOptions, 'externalAccount'> | null;
  readonly dnsUpdates?: DynamicUpdates | undefined;
  readonly signal: AbortSignal;
}

interface Looking<Found> {
  look(): Promise<Found>;
  gatewayNamespaceOf(found: Found): string;
}

/**
 * Checks all permissions of a run that installs these components, and inspects the cluster with them. One error names all
 * missing permissions. If the inspection itself is denied, it assumes the gateway of Istio's charts.
 *
 * @throws UserError (3) naming what is missing, and the errors of the inspection
 */
export async function lookWithRights<Found>(
  kube: KubeClient,
  { run, gateway, allowClusterChanges, ca, dnsUpdates, signal }: RightsRequest,
  install: readonly InstallPart[],
  { look, gatewayNamespaceOf }: Looking<Found>,
): Promise<Found> {
  const own = `http01-ingress${run.replace(/^run/, '')}`;
  const gatewayApi =
    needsComponents(install) ||
    (await kube.discovery.find({ apiVersion: 'gateway.networking.k8s.io/v1', kind: 'HTTPRoute' })) !== undefined;
  const externalAccount = ca?.externalAccount !== undefined;
  const rights = [
    ...rightsOfRun({
      ...{ gatewayApi, externalAccount },
      clusterChanges: allowClusterChanges,
      dnsUpdates: dnsUpdates !== undefined,
    }),
    ...rightsToInstall(install),
  ];
  const inCluster = await missingRights(
    kube,
    rights.filter(({ scope }) => scope !== 'gateway'),
    { own, gateway: '' },
    signal,
  );
  const canLook = !inCluster.some(({ verb, namespace, onIstio }) => verb === 'list' && namespace === null && !onIstio);
  const found = canLook ? { value: await look() } : null;
  const gatewayNamespace =
    found === null ? (gateway?.split('/')[0] ?? ingressGatewayOfCharts.namespace) : gatewayNamespaceOf(found.value);
  const atGateway = await missingRights(
    kube,
    rights.filter(({ scope }) => scope === 'gateway'),
    { own, gateway: gatewayNamespace },
    signal,
  );
  const missing = [...inCluster, ...atGateway];
  if (missing.length > 0 || found === null) {
    const besides = [
      ...(externalAccount ? [', rbac-external-account.yaml beside it what --eab-kid needs'] : []),
      ...(dnsUpdates ? [', rbac-dns-updates.yaml beside it what --dns-update-server needs'] : []),
      ...(install.length === 0 ? [] : [', and the rbac-install files beside it what --install needs']),
    ];
    const sides = [
      { at: `in the cluster at ${kube.server}`, lacks: missing.filter(({ onIstio }) => !onIstio) },
      { at: `in Istio's control plane at ${kube.istio?.server}`, lacks: missing.filter(({ onIstio }) => onIstio) },
    ].filter(({ lacks }, index) => lacks.length > 0 || (index === 0 && missing.length === 0));
    const described = sides.map(({ at, lacks }) => `${at}: ${describeMissing(lacks)}`).join('; and ');
    throw new UserError(
      `The kubeconfig's user lacks permissions that a run needs ${described}. (fixtures/existing/rbac.yaml grants those for runs without --allow-cluster-changes${besides.join('')}.)`,
      { exitCode: 3 },
    );
  }
  return found.value;
}

/**
 * Turns an API server's refusal into a sentence for the user.
 *
 * @throws UserError (3) for each KubeError of the work
 */
export async function describingRefusal<Result>(
  server: string,
  kubeconfig: string,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof KubeError)) throw error;
    const options = { exitCode: 3, cause: error } as const;
    if (error.status === 401) {
      throw new UserError(
        `The cluster refuses the credentials of the kubeconfig ${kubeconfig} (401 Unauthorized): they have expired, or belong to another cluster. Get new ones.`,
        options,
      );
    }
    if (error.status === null) {
      const reason = error.cause instanceof Error ? describeCause(error.cause) : error.message;
      throw new UserError(
        `The cluster at ${server} does not answer (${reason}). Check that it is running and that the kubeconfig ${kubeconfig} has its address.`,
        options,
      );
    }
    throw new UserError(error.message, options);
  }
}
