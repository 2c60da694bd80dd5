import type { KubeClient } from '../../kube/client.ts';
import { isOfIstio } from '../../kube/istio-api.ts';
import type { InstallPart } from './install-parts.ts';

/** The scope of a permission: `cluster` for objects without a namespace or in all namespaces, `own` for the run's namespaces. */
export type RightScope = 'cluster' | 'own' | 'gateway';

/** The verbs that the run uses on one kind of object. */
export interface Right {
  readonly group: string;
  readonly resource: string;
  readonly subresource?: string;
  readonly verbs: readonly string[];
  readonly scope: RightScope;
}

const watched = ['list', 'watch'];
/** Server-side apply of a new object needs both. */
const applied = ['create', 'patch'];

function right(scope: RightScope, group: string, resource: string, verbs: readonly string[]): Right {
  return { scope, group, resource, verbs };
}

const certManager = 'cert-manager.io';
const acme = 'acme.cert-manager.io';
const istio = 'networking.istio.io';
const gatewayApi = 'gateway.networking.k8s.io';

/** What the recorders watch in the namespaces of the run. */
const recorded: readonly (readonly [group: string, resource: string])[] = [
  [certManager, 'issuers'],
  [certManager, 'certificates'],
  [certManager, 'certificaterequests'],
  [acme, 'orders'],
  [acme, 'challenges'],
  ['', 'secrets'],
  ['', 'pods'],
  ['', 'services'],
  ['', 'events'],
  ['networking.k8s.io', 'ingresses'],
  [istio, 'gateways'],
  [istio, 'virtualservices'],
  [istio, 'destinationrules'],
  ['security.istio.io', 'peerauthentications'],
];

interface Parts {
  /** Whether scenarios of the Gateway API run. */
  readonly gatewayApi: boolean;
  /** Whether a scenario may remove and create the IngressClass. */
  readonly clusterChanges: boolean;
  /** Whether ACME accounts use external account binding, with a MAC key that Issuers read from a Secret. */
  readonly externalAccount: boolean;
  /** Whether DNS-01 is solved with dynamic updates, with a TSIG key that Issuers read from a Secret. */
  readonly dnsUpdates: boolean;
}

/** Additional permissions for an external account: the Secret with its MAC key, next to each Issuer. */
export const rightsForExternalAccount: readonly Right[] = [
  right('own', '', 'secrets', applied),
  right('gateway', '', 'secrets', applied),
];

/**
 * Additional permissions for DNS-01: the Secret with the TSIG key next to each Issuer, and the removal of the Certificate before
 * it. The gateway's namespace has an Issuer if the certificate is served; every run may delete Certificates there.
 */
export const rightsForDnsUpdates: readonly Right[] = [
  right('own', '', 'secrets', applied),
  right('gateway', '', 'secrets', applied),
  right('own', certManager, 'certificates', ['delete']),
];

/** Exactly the permissions that a run needs in a shared cluster. */
export function rightsOfRun(parts: Parts): readonly Right[] {
  const kinds = [
    ...recorded,
    ...(parts.gatewayApi
      ? ([
          [gatewayApi, 'gateways'],
          [gatewayApi, 'httproutes'],
          [gatewayApi, 'listenersets'],
        ] as const)
      : []),
  ];
  const ingressClassVerbs = parts.clusterChanges ? [...watched, 'get', ...applied, 'delete'] : watched;
  return [
    // For the inspection before anything is created.
    right('cluster', '', 'services', ['list']),
    right('cluster', 'apps', 'deployments', ['list']),
    right('cluster', '', 'namespaces', [...applied, ...watched, 'delete']),
    right('cluster', 'networking.k8s.io', 'ingressclasses', ingressClassVerbs),
    right('cluster', certManager, 'clusterissuers', watched),
    ...(['own', 'gateway'] as const).flatMap((scope) => [
      ...kinds.map(([group, resource]) => right(scope, group, resource, watched)),
      { ...right(scope, '', 'pods', ['get']), subresource: 'log' },
      right(scope, certManager, 'issuers', applied),
      right(scope, certManager, 'certificates', applied),
    ]),
    right('own', 'apps', 'deployments', [...applied, ...watched]),
    right('own', '', 'services', applied),
    right('own', istio, 'gateways', applied),
    right('own', istio, 'virtualservices', applied),
    ...(parts.gatewayApi
      ? [right('own', gatewayApi, 'gateways', applied), right('own', gatewayApi, 'httproutes', applied)]
      : []),
    right('gateway', certManager, 'issuers', ['delete']),
    right('gateway', certManager, 'certificates', ['delete']),
    right('gateway', '', 'secrets', ['delete']),
    ...(parts.externalAccount ? rightsForExternalAccount : []),
    ...(parts.dnsUpdates ? rightsForDnsUpdates : []),
  ];
}

const rbac = 'rbac.authorization.k8s.io';
const admission = 'admissionregistration.k8s.io';

/** What Istio's and cert-manager's manifests create outside their own namespaces, and what is removed by the run's label. */
const installedForAll: readonly (readonly [group: string, resource: string])[] = [
  ['apiextensions.k8s.io', 'customresourcedefinitions'],
  [admission, 'mutatingwebhookconfigurations'],
  [admission, 'validatingwebhookconfigurations'],
  [admission, 'validatingadmissionpolicies'],
  [admission, 'validatingadmissionpolicybindings'],
  [rbac, 'clusterroles'],
  [rbac, 'clusterrolebindings'],
  [rbac, 'roles'],
  [rbac, 'rolebindings'],
  ['networking.k8s.io', 'ingressclasses'],
];

/** The permissions that `--install` needs in addition to {@link rightsOfRun}. */
export function rightsToInstall(parts: readonly InstallPart[]): readonly Right[] {
  const pebble = parts.includes('pebble')
    ? [
        right('own', '', 'secrets', applied),
        right('own', '', 'configmaps', applied),
        right('own', 'discovery.k8s.io', 'endpointslices', watched),
        { ...right('own', '', 'services', ['get']), subresource: 'proxy' },
      ]
    : [];
  if (!parts.includes('istio') && !parts.includes('cert-manager')) return pebble;
  return [
    ...pebble,
    right('cluster', '', 'namespaces', ['get']),
    ...installedForAll.map(([group, resource]) =>
      right('cluster', group, resource, ['get', ...applied, ...watched, 'delete']),
    ),
    // Creating or binding a role requires all of its permissions, or these verbs.
    right('cluster', rbac, 'clusterroles', ['bind', 'escalate']),
    right('cluster', rbac, 'roles', ['bind', 'escalate']),
    right('cluster', '', 'serviceaccounts', applied),
    right('cluster', '', 'services', [...applied, 'watch']),
    right('cluster', 'apps', 'deployments', [...applied, 'watch']),
    // The gateway's namespace does not exist beforehand, so it cannot have a Role yet.
    ...(parts.includes('istio')
      ? [
          right('gateway', certManager, 'issuers', ['delete']),
          right('gateway', certManager, 'certificates', ['delete']),
          right('gateway', '', 'secrets', ['delete']),
        ]
      : []),
    // What istiod and cert-manager create themselves and leave behind.
    right('cluster', '', 'configmaps', [...applied, ...watched, 'delete']),
    right('cluster', 'coordination.k8s.io', 'leases', ['delete', ...watched]),
    right('cluster', gatewayApi, 'gatewayclasses', ['delete', ...watched]),
  ];
}

/** A permission that the API server denies. */
export interface MissingRight {
  readonly verb: string;
  /** As RBAC writes it, e.g. certificates.cert-manager.io, pods/log. */
  readonly resource: string;
  /** Null for the whole cluster. */
  readonly namespace: string | null;
  /** Whether Istio's control plane denies it, which has an API server of its own. */
  readonly onIstio?: boolean;
}

interface Places {
  /** One of the run's own namespaces, which may not exist yet. */
  readonly own: string;
  readonly gateway: string;
}

const concurrentReviews = 8;

/**
 * Checks each permission with a SelfSubjectAccessReview (kubernetes.io, "Authorization", "Checking API access"), which
 * every user may create.
 *
 * @throws KubeError if the API server does not answer
 */
export async function missingRights(
  kube: KubeClient,
  rights: readonly Right[],
  places: Places,
  signal: AbortSignal,
): Promise<readonly MissingRight[]> {
  const { istio } = kube;
  const asked = rights.flatMap((wanted) => {
    const isNamespace = wanted.group === '' && wanted.resource === 'namespaces';
    const apis = istio === null ? [kube] : isOfIstio(wanted.group) ? [istio] : isNamespace ? [kube, istio] : [kube];
    return apis.flatMap((api) => wanted.verbs.map((verb) => ({ api, wanted, verb })));
  });
  const missing: MissingRight[] = [];
  const next = asked.values();
  const ask = async () => {
    for (const { api, wanted, verb } of next) {
      const namespace = wanted.scope === 'cluster' ? null : places[wanted.scope];
      if (!(await isAllowed(api, wanted, verb, namespace, signal))) {
        missing.push({ verb, resource: nameOf(wanted), namespace, ...(api === istio ? { onIstio: true } : {}) });
      }
    }
  };
  await Promise.all(Array.from({ length: concurrentReviews }, ask));
  return missing;
}

function nameOf({ group, resource, subresource }: Right): string {
  return `${resource}${group === '' ? '' : `.${group}`}${subresource === undefined ? '' : `/${subresource}`}`;
}

async function isAllowed(
  kube: KubeClient,
  { group, resource, subresource }: Right,
  verb: string,
  namespace: string | null,
  signal: AbortSignal,
): Promise<boolean> {
  const review = {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SelfSubjectAccessReview',
    spec: {
      resourceAttributes: {
        group,
        resource,
        verb,
        ...(subresource === undefined ? {} : { subresource }),
        ...(namespace === null ? {} : { namespace }),
      },
    },
  };
  const answer = (await kube.connection.json({
    what: `ask whether one may ${verb} ${resource}`,
    method: 'POST',
    path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
    body: { contentType: 'application/json', text: JSON.stringify(review) },
    signal,
  })) as { status?: { allowed?: boolean } };
  return answer.status?.allowed === true;
}

/** All missing permissions in brief, grouped: `create, patch namespaces; list secrets in a and b`. */
export function describeMissing(missing: readonly MissingRight[]): string {
  const places = grouped(
    missing.map(({ verb, resource, namespace }) => [`${verb} ${resource}`, namespace === null ? '' : namespace]),
  );
  const verbs = grouped(
    [...places].map(([what, where]) => {
      const [verb = '', resource = ''] = what.split(' ');
      const namespaces = [...where].filter((namespace) => namespace !== '').toSorted();
      return [`${resource}${namespaces.length === 0 ? '' : ` in ${namespaces.join(' and ')}`}`, verb];
    }),
  );
  return [...verbs]
    .map(([what, words]) => `${[...words].toSorted().join(', ')} ${what}`)
    .toSorted()
    .join('; ');
}

function grouped(pairs: readonly (readonly [key: string, value: string])[]): ReadonlyMap<string, ReadonlySet<string>> {
  const groups = new Map<string, Set<string>>();
  for (const [key, value] of pairs) groups.set(key, (groups.get(key) ?? new Set<string>()).add(value));
  return groups;
}
