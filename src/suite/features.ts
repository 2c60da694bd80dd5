import type { Capabilities } from './context/capabilities.ts';

/** A feature that a scenario covers. */
export interface Feature {
  /** One sentence. */
  readonly means: string;
  /** What the environment or the CA must have, one sentence; absent if nothing is needed. */
  readonly needs?: string;
  /** Why a scenario with this feature cannot run here, one sentence; null if it can. @internal */
  unmet?(capabilities: Capabilities): string | null;
}

/** Gives the table its type, so that its keys are the names. */
function vocabulary<Name extends string>(table: Readonly<Record<Name, Feature>>): Readonly<Record<Name, Feature>> {
  return table;
}

/** For what labels a namespace, or makes a second one. */
const changesNamespaces: Pick<Feature, 'needs' | 'unmet'> = {
  needs: 'Changes to namespaces: on a cluster that belongs to others too, --allow-cluster-changes.',
  unmet: ({ clusterChanges }) =>
    clusterChanges
      ? null
      : 'It labels its namespace or makes a second one; on a cluster that belongs to others too, --allow-cluster-changes allows that.',
};

/** For what applies objects that the role of a run on a cluster of others has no right to (`fixtures/existing/rbac.yaml`). */
const appliesMore: Pick<Feature, 'needs' | 'unmet'> = {
  needs:
    'Leave to apply other kinds of objects than a run usually does: on a cluster that belongs to others too, --allow-cluster-changes.',
  unmet: ({ clusterChanges }) =>
    clusterChanges
      ? null
      : 'It applies kinds of objects that the role of a run has no right to; on a cluster that belongs to others too, --allow-cluster-changes allows that.',
};

/**
 * The vocabulary of features. They select scenarios (`--feature`, `--exempt-feature`), decide what an environment with its CA
 * can run, and are counted in reports. A name is part of published reports: once released it stays.
 */
export const features = vocabulary({
  http01: { means: 'A Challenge is solved over HTTP (RFC 8555 section 8.3).' },
  dns01: {
    means: 'A Challenge is solved by a TXT record (RFC 8555 section 8.4).',
    needs: 'A name server that takes updates (RFC 2136).',
    unmet: ({ dnsUpdates }) =>
      dnsUpdates
        ? null
        : 'No name server here takes DNS updates (RFC 2136), so DNS-01 cannot be solved; on an existing cluster give --dns-update-server.',
  },
  'ingress-solver': {
    means: 'cert-manager routes the challenge by an Ingress, which Istio serves.',
    needs: 'An IngressClass whose controller is istio.io/ingress-controller.',
    unmet: ({ ingressClass }) =>
      ingressClass !== null
        ? null
        : 'The cluster has no IngressClass whose controller is istio.io/ingress-controller, and Istio ignores an Ingress without one.',
  },
  'gateway-httproute-solver': { means: 'cert-manager routes the challenge by an HTTPRoute of the Gateway API.' },
  'istio-gateway': { means: "An Istio Gateway serves the certificate at Istio's ingress gateway." },
  'gateway-api': {
    means: 'A Gateway of the Gateway API serves the certificate, at a gateway that Istio deploys for it.',
    needs: "The Gateway API's Gateway and HTTPRoute, and host names that can point at any address.",
    unmet: ({ gatewayApi, anyAddress }) => {
      if (!gatewayApi)
        return "The cluster does not have the Gateway API's Gateway and HTTPRoute (gateway.networking.k8s.io/v1).";
      if (!anyAddress)
        return 'Its gateway gets an address of its own, and only --domain with --dns-hook can point host names at it.';
      return null;
    },
  },
  fault: { means: 'Something is missing or wrong at first, and the issuance must not complete until it is put right.' },
  ca: { means: 'The CA is under test: nothing is served.' },
  wildcard: { means: 'The certificate is for a wildcard (RFC 8555 section 7.1.4).' },
  revocation: { means: 'The certificate is revoked by its own key (RFC 8555 section 7.6).' },
  renewal: { means: 'The certificate is renewed on request.' },
  'renewal-by-time': {
    means: 'The certificate is renewed because its time has come, with nobody asking for it.',
  },
  'renewal-information': {
    means: 'The certificate is renewed when the CA suggests it (RFC 9773).',
  },
  handshakes: { means: 'Clients make a new TLS connection every 20 ms meanwhile, and none may fail.' },
  failure: { means: 'A part of the chain fails for a while during a renewal, and comes back.' },
  'further-ca': {
    means: 'The CA is one of the scenario, for example one whose certificates live for minutes.',
    needs: 'An environment that can start a second CA: a cell with Pebble.',
    unmet: ({ furtherCa }) =>
      furtherCa ? null : 'No second CA can be started here, and no other CA issues certificates that live for minutes.',
  },
  'further-name-server': {
    means: 'The name server is one of the scenario, which can fail.',
    needs: 'An environment that can start a second name server: a cell.',
    unmet: ({ furtherNameServer }) =>
      furtherNameServer ? null : 'This environment can start no name server that fails; a cell can.',
  },
  'node-processes': {
    means: "A process of the cluster's node is paused.",
    needs: 'A node whose processes are on this machine: a cell.',
    unmet: ({ nodeProcesses }) =>
      nodeProcesses
        ? null
        : "The processes of this cluster's node are elsewhere, so that none can be paused; those of a cell can.",
  },
  'pod-network': {
    means: 'Packets between Pods of the cluster are dropped.',
    needs: 'A node that forwards packets on this machine: a cell.',
    unmet: ({ podNetwork }) =>
      podNetwork
        ? null
        : "This cluster's node is elsewhere, so that its packets cannot be dropped; those of a cell can.",
  },
  deletion: { means: 'The objects of an issuance are deleted while its Challenge waits.' },
  restore: {
    means: 'Secrets are lost and restored from a backup.',
    ...appliesMore,
  },
  restarts: { means: 'A component restarts, or does not run, while a certificate is issued or renewed.' },
  'mutual-tls': { means: 'The mesh demands mutual TLS, or is told to use it where it cannot.' },
  'invalid-secret': { means: 'The Secret that a gateway serves becomes invalid.' },
  'client-certificates': { means: 'The gateway asks clients for a certificate.' },
  authorization: {
    means: 'Policies of the mesh decide which requests pass the gateway.',
    ...appliesMore,
  },
  'own-gateway-deployment': {
    means: 'The gateway is a Deployment of the scenario, with labels and ports of its own.',
    ...appliesMore,
  },
  'two-gateways': { means: 'Two gateways serve one certificate.' },
  coalescing: {
    means: 'A client sends requests for several sites over one HTTP/2 connection.',
    ...appliesMore,
  },
  'discovery-selectors': { means: 'istiod is told which namespaces it looks at.' },
  sidecar: {
    means: 'The application has a sidecar.',
    ...changesNamespaces,
  },
  'pod-security': {
    means: 'The namespace enforces the Pod Security Standard restricted.',
    ...changesNamespaces,
  },
  'across-namespaces': {
    means: 'Gateway, route and certificate are in different namespaces.',
    ...changesNamespaces,
  },
  duration: { means: 'The order asks for a notAfter (RFC 8555 section 7.4).' },
  'key-type': { means: 'The Certificate asks for a key of a certain type and size.' },
  'key-rotation': { means: "The Certificate's rotationPolicy decides whether a renewal makes another key." },
  'many-names': { means: 'The certificate is for several names.' },
  'long-names': {
    means: 'The certificate is for an internationalised name, or for one that is too long for a common name.',
  },
  refusal: { means: 'The CA or cert-manager must refuse something, in words that name the cause.' },
  'preferred-chain': {
    means: 'An alternate chain is chosen by the name of its root (RFC 8555 section 7.4.2).',
    needs: 'A CA with two known roots or more.',
    unmet: ({ rootNames }) =>
      rootNames.length > 1
        ? null
        : `${rootNames.length === 0 ? 'No root' : 'Only one root'} of the CA is known, so no alternate chain can be requested; give several with --ca-root.`,
  },
  'cluster-issuer': {
    means: 'A ClusterIssuer issues.',
    needs: 'Leave to make an object of the whole cluster.',
    unmet: ({ clusterChanges }) =>
      clusterChanges
        ? null
        : 'A ClusterIssuer belongs to the whole cluster; on a cluster that belongs to others too, --allow-cluster-changes allows that.',
  },
  'solver-selection': {
    means: "An Issuer has several solvers, and selectors decide which of them solves a name's Challenge.",
  },
  'delegated-dns01': {
    means: 'A TXT record is at another name, to which a CNAME leads (cnameStrategy Follow).',
    needs: 'A name server in which Padlock can make a CNAME: that of a cell.',
    unmet: ({ aliases }) =>
      aliases ? null : 'In the DNS of this environment Padlock can make no CNAME; on a cell it can.',
  },
  'ip-address': { means: 'The certificate is for an IP address (RFC 8738).' },
  annotation: { means: 'cert-manager makes the Certificate for an annotated Ingress, Gateway or ListenerSet.' },
  'listener-set': {
    means: 'A ListenerSet of the Gateway API adds the listener that serves the certificate.',
    needs:
      "cert-manager's controller can be restarted with its gate ListenerSets: on a cluster that belongs to others too, --allow-cluster-changes.",
  },
  'account-recovery': { means: 'The key of the ACME account is lost, and the Issuer goes on with another account.' },
  'short-lived': { means: 'The certificate lives for a week at most, so that it needs no revocation.' },
  'external-account': {
    means: 'The account is bound to one that the CA knows already (RFC 8555 section 7.3.4).',
    needs: 'A further CA, which demands it: an environment can start one if it is a cell.',
    unmet: ({ furtherCa }) =>
      furtherCa ? null : 'This environment can start no further CA that demands external account binding; a cell can.',
  },
  profile: {
    means: "The order names a profile from the CA's directory (draft-ietf-acme-profiles).",
    needs: 'A CA whose directory advertises profiles.',
    unmet: ({ profiles }) => (profiles.length > 0 ? null : "The meta of the CA's directory has no profiles."),
  },
});

/** The name of a feature. */
export type FeatureName = keyof typeof features;

/** Every name, in the order of the vocabulary. */
export const featureNames = Object.keys(features) as readonly FeatureName[];

/** What a scenario needs of the environment and the CA. */
interface Needs {
  readonly features: readonly FeatureName[];
  readonly changesClusterWide: string | null;
}

/** Why a scenario cannot run, one sentence; null if it can. @internal */
export function whyNot({ features: wanted, changesClusterWide }: Needs, capabilities: Capabilities): string | null {
  if (changesClusterWide !== null && !capabilities.clusterChanges)
    return `It ${changesClusterWide}; on a cluster that belongs to others too, --allow-cluster-changes allows that.`;
  return wanted.map((name) => features[name].unmet?.(capabilities) ?? null).find((reason) => reason !== null) ?? null;
}
