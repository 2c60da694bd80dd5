import type { IngressGateway } from '../environment/environment.ts';

/** What a scenario knows before it starts: names that are new in every run. */
export interface ScenarioNames {
  readonly host: string;
  /** A namespace of the scenario's own, made for it and removed after it. */
  readonly namespace: string;
  /** Where the application goes: the scenario's own namespace where the cluster belongs to others too. */
  readonly applicationNamespace: string;
  /** Added to the names of objects in namespaces that are not the scenario's own; empty where the cluster is. */
  readonly suffix: string;
  readonly gateway: IngressGateway;
}
