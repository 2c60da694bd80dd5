/** What a trace saw of a cluster besides objects, logs and probes. Evidence of scenarios has none of it. */
export interface Surroundings {
  /** Kinds that objects of the issuance name and that the API server does not have, as `Kind.group`. */
  readonly absentKinds: readonly string[];
  /** Istio's mesh configuration; null where it was not seen. */
  readonly mesh: MeshFacts | null;
  /** What the name servers say about the host besides its addresses. */
  readonly nameRecords: readonly NameRecords[];
  /** The look from a Pod in the cluster; null where none was asked for. */
  readonly inside: InsideView | null;
  /** Null unless Istio's control plane has an API server of its own. */
  readonly betweenClusters: BetweenClusters | null;
}

/** What stands between the cluster of the gateway and a control plane that has an API server of its own. Empty lists where nothing is wrong. */
export interface BetweenClusters {
  /** The API server of the control plane. */
  readonly controlPlane: string;
  /** The API server of the gateway's cluster. */
  readonly dataPlane: string;
  readonly misplaced: readonly MisplacedObject[];
  readonly unread: readonly UnreadCluster[];
  /** Of the Secrets that servers for the host name, those at the control plane. */
  readonly secrets: readonly SecretOfControlPlane[];
}

/** An object of Istio for the host in the cluster of the gateway, where the control plane does not read it. */
export interface MisplacedObject {
  /** `Kind namespace/name`. */
  readonly title: string;
  /** The credentialNames of its TLS servers for the host, as they are written. */
  readonly credentials: readonly string[];
}

/** What istiod says that it cannot read of the gateway's cluster. */
export interface UnreadCluster {
  /** `namespace/name` of istiod's Pod. */
  readonly pod: string;
  /** The name by which istiod knows the cluster. */
  readonly cluster: string;
  /** Its own words. */
  readonly reason: string;
}

export interface SecretOfControlPlane {
  readonly namespace: string;
  readonly name: string;
  /** Of its first certificate; null where it has none. */
  readonly fingerprintSha256: string | null;
}

/** The fields of Istio's MeshConfig that decide which gateway gets an Ingress (istio.io/docs/reference/config/istio.mesh.v1alpha1). */
export interface MeshFacts {
  /** `namespace/name` of the ConfigMap. */
  readonly source: string;
  readonly ingressSelector: string;
  readonly ingressService: string;
  readonly ingressClass: string;
  readonly ingressControllerMode: string;
  readonly rootNamespace: string;
}

export interface NameRecords {
  readonly host: string;
  readonly type: 'CNAME' | 'NS' | 'CAA';
  readonly records: readonly string[];
}

export interface InsideView {
  /** `namespace/name` of the Pod that looked. */
  readonly pod: string;
  /** What the cluster's DNS gives for the host, or why nothing. */
  readonly addresses: readonly string[] | { readonly error: string };
  /** The answer of the challenge path, or why none. */
  readonly answer: { readonly status: number } | { readonly error: string } | null;
}
