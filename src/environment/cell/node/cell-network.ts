/**
 * The addresses of one cell. A cell owns 10.231.<slot>.0/24; inside its namespaces the Pod and Service ranges are the same for
 * every cell, as nothing outside ever sees them.
 */
export interface CellNetwork {
  readonly slot: number;
  readonly hostInterface: string;
  readonly subnet: string;
  /** This machine's end of the link to the node. */
  readonly hostAddress: string;
  /** The node's end of it: where kubectl reaches the API server. */
  readonly apiAddress: string;
  /** The node's end of the link to the outside; the node's own IP. */
  readonly nodeAddress: string;
  /** The other end: the CA, the DNS and the clients. */
  readonly outsideAddress: string;
  readonly loadBalancerRange: string;
  readonly podRange: string;
  readonly serviceRange: string;
  readonly apiServiceAddress: string;
  readonly clusterDnsAddress: string;
}

export const firstSlot = 1;
export const lastSlot = 250;

/** The addresses that belong to a slot. */
export function cellNetwork(slot: number): CellNetwork {
  const prefix = `10.231.${slot}`;
  return {
    slot,
    hostInterface: `plk${slot}`,
    subnet: `${prefix}.0/24`,
    hostAddress: `${prefix}.1`,
    apiAddress: `${prefix}.2`,
    nodeAddress: `${prefix}.5`,
    outsideAddress: `${prefix}.6`,
    loadBalancerRange: `${prefix}.64/26`,
    podRange: '10.244.0.0/16',
    serviceRange: '10.96.0.0/16',
    apiServiceAddress: '10.96.0.1',
    clusterDnsAddress: '10.96.0.10',
  };
}

/** The addresses that LoadBalancer Services of a cell get, in the order in which they are given out. */
export function loadBalancerAddresses(network: CellNetwork): readonly string[] {
  return Array.from({ length: 62 }, (_, i) => `10.231.${network.slot}.${65 + i}`);
}
