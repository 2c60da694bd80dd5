import type { IngressGateway } from '../../environment/environment.ts';

/** What a scenario knows before it starts: names that are new in every run. */
export interface ScenarioNames {
  readonly host: string;
  /** A namespace of the scenario's own, made for it and removed after it. */
  readonly namespace: string;
  /** The application's namespace: in a shared cluster, the scenario's own. */
  readonly applicationNamespace: string;
  /** A suffix for the names of objects in foreign namespaces; empty if the cluster is the run's own. */
  readonly suffix: string;
  readonly gateway: IngressGateway;
}
