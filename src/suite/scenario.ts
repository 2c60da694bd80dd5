import type { Check } from '../checks/check.ts';
import type { IngressGateway } from '../environment/environment.ts';
import type { ObjectReference, Subject } from '../evidence/evidence.ts';
import type { Offer } from './offer.ts';
import type { Stage } from './stage.ts';

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

/**
 * One scenario: metadata as data, what it does, and the checks that judge what was recorded meanwhile.
 *
 * `act` only acts and waits; it judges nothing. When one of its waits runs out, what was recorded up to then is judged all
 * the same, after `observe`.
 */
export interface Scenario {
  /** Kebab-case; the name on the command line and of the evidence file. */
  readonly id: string;
  readonly title: string;
  /** One sentence: which question the scenario answers. */
  readonly why: string;
  /** The expected outcome where it is not simply that the issuance completes. */
  readonly expectation?: string;
  readonly features: readonly string[];
  /** What it changes for the whole cluster; such a scenario runs alone. Null for one that can run beside others. */
  readonly changesClusterWide: string | null;
  /** Why it cannot run with this CA, one sentence, where a feature is not offered. Without this method, it can with any. */
  unmet?(offer: Offer): string | null;
  /** The names besides its host that it issues for; all but wildcards point at the gateway with it. */
  furtherHosts?(names: ScenarioNames): readonly string[];
  /** What deviates from the parts' defaults, for the report to name. */
  readonly settings: Readonly<Record<string, string>>;
  /** The folder of its manifests below fixtures/. */
  readonly manifests: string;
  /** Its own namespace aside, where it creates objects. */
  sharedNamespaces(names: ScenarioNames): readonly string[];
  /** How long `act` may take at the most, in milliseconds. */
  readonly timeLimitMs: number;
  subject(names: ScenarioNames): Subject;
  act(stage: Stage): Promise<void>;
  /** Probes from outside once `act` has ended, however it ended. */
  observe(stage: Stage): Promise<void>;
  readonly checks: readonly Check[];
}

/** Checks a scenario's metadata where it is written down, and gives it its type. */
export function scenario(definition: Scenario): Scenario {
  if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(definition.id))
    throw new Error(`scenario id ${definition.id} is not kebab-case`);
  if (definition.checks.length === 0) throw new Error(`scenario ${definition.id} has no checks`);
  return definition;
}

/** `namespace/name`, as kubectl's users write it. */
export function qualifiedName({ namespace, name }: ObjectReference): string {
  return `${namespace}/${name}`;
}
