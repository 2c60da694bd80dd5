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
