import type { KubeObject } from '../../kube/kube-object.ts';
import {
  type Right,
  type RightScope,
  rightsForDnsUpdates,
  rightsForExternalAccount,
  rightsOfRun,
  rightsToInstall,
} from './rights.ts';

const name = 'padlock';

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

/**
 * A ServiceAccount with exactly the permissions of a run without cluster changes, an external account or DNS-01.
 * Namespaces of a run have new names every time, and RBAC knows no patterns of names, so what is needed in them is granted in all namespaces; what is deleted
 * in the gateway's namespace is granted there alone.
 */
export function rbacObjects(gatewayNamespace: string): readonly KubeObject[] {
  const rights = rightsOfRun({ gatewayApi: true, clusterChanges: false, externalAccount: false, dnsUpdates: false });
  const inAll = rulesOf(rights, ['cluster', 'own']);
  const granted = new Set(
    inAll.flatMap(({ apiGroups, resources, verbs }) => verbs.map((verb) => `${apiGroups} ${resources} ${verb}`)),
  );
  const atGateway = rulesOf(rights, ['gateway']).flatMap((rule) => {
    const verbs = rule.verbs.filter((verb) => !granted.has(`${rule.apiGroups} ${rule.resources} ${verb}`));
    return verbs.length === 0 ? [] : [{ ...rule, verbs }];
  });
  const rbac = 'rbac.authorization.k8s.io';
  const subjects = [{ kind: 'ServiceAccount', name, namespace: name }];
  return [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name } },
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace: name } },
    { apiVersion: `${rbac}/v1`, kind: 'ClusterRole', metadata: { name }, rules: inAll },
    {
      apiVersion: `${rbac}/v1`,
      kind: 'ClusterRoleBinding',
      metadata: { name },
      roleRef: { apiGroup: rbac, kind: 'ClusterRole', name },
      subjects,
    },
    { apiVersion: `${rbac}/v1`, kind: 'Role', metadata: { name, namespace: gatewayNamespace }, rules: atGateway },
    {
      apiVersion: `${rbac}/v1`,
      kind: 'RoleBinding',
      metadata: { name, namespace: gatewayNamespace },
      roleRef: { apiGroup: rbac, kind: 'Role', name },
      subjects,
    },
  ];
}

interface OptionalRole {
  /** The name of its manifest in fixtures/existing, and of its objects. */
  readonly file: string;
  readonly rights: readonly Right[];
  /** What needs it, after `what`. */
  readonly neededBy: string;
  readonly remark: string;
}

/** The optional roles. Pebble needs far fewer permissions than Istio and cert-manager. */
export const optionalRoles: readonly OptionalRole[] = [
  {
    file: 'rbac-external-account.yaml',
    rights: rightsForExternalAccount,
    neededBy: 'an external account (--eab-kid) needs besides',
    remark: "An Issuer reads the account's MAC key from a Secret beside it.",
  },
  {
    file: 'rbac-dns-updates.yaml',
    rights: rightsForDnsUpdates,
    neededBy: 'DNS-01 (--dns-update-server) needs besides',
    remark:
      'An Issuer reads the TSIG key from a Secret beside it, and cert-manager needs it until the TXT records are gone.',
  },
  {
    file: 'rbac-install-pebble.yaml',
    rights: rightsToInstall(['pebble']),
    neededBy: '--install pebble needs besides',
    remark: "The root of Pebble is asked for over the API server's proxy of its Service.",
  },
  {
    file: 'rbac-install-platform.yaml',
    rights: rightsToInstall(['istio', 'cert-manager']),
    neededBy: '--install istio,cert-manager needs besides',
    remark: 'Whoever may make and bind any role may do anything: this is for clusters that are there to be tried on.',
  },
];

/** An optional role, for the same ServiceAccount. */
export function rbacObjectsOf({ file, rights }: OptionalRole): readonly KubeObject[] {
  const roleName = file.replace('.yaml', '').replace('rbac', name);
  const rbac = 'rbac.authorization.k8s.io';
  return [
    {
      apiVersion: `${rbac}/v1`,
      kind: 'ClusterRole',
      metadata: { name: roleName },
      rules: rulesOf(rights, ['cluster', 'own', 'gateway']),
    },
    {
      apiVersion: `${rbac}/v1`,
      kind: 'ClusterRoleBinding',
      metadata: { name: roleName },
      roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: roleName },
      subjects: [{ kind: 'ServiceAccount', name, namespace: name }],
    },
  ];
}

function rulesOf(rights: readonly Right[], scopes: readonly RightScope[]): readonly Rule[] {
  const verbs = new Map<string, Set<string>>();
  for (const { group, resource, subresource, verbs: wanted, scope } of rights) {
    if (!scopes.includes(scope)) continue;
    const key = `${group} ${resource}${subresource === undefined ? '' : `/${subresource}`}`;
    const known = verbs.get(key) ?? new Set();
    for (const verb of wanted) known.add(verb);
    verbs.set(key, known);
  }
  return [...verbs].map(([key, known]) => {
    const [group = '', resource = ''] = key.split(' ');
    return { apiGroups: [group], resources: [resource], verbs: [...known].toSorted() };
  });
}
