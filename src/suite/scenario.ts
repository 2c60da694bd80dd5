import type { Check } from '../checks/check.ts';
import type { ScenarioContext, ScenarioMaterial } from './context/context.ts';
import type { ScenarioNames } from './context/scenario-names.ts';
import type { FeatureName } from './features.ts';

/** Where a user's scenario is written, for messages about it. */
export interface ScenarioSource {
  /** `file:line` of its beginning. */
  readonly place: string;
  /** `file:line` of what failed: where the error was thrown, otherwise the last step that began. */
  placeOf(error: unknown): string;
}

/**
 * One scenario: metadata as data, what it does, and the checks that judge what was recorded meanwhile.
 *
 * `act` only acts and waits; it judges nothing. If one of its waits runs out, what was recorded until then is judged all the
 * same, after `observe`.
 */
export interface Scenario extends ScenarioMaterial {
  /** Kebab-case; the name on the command line and of the evidence file. */
  readonly id: string;
  readonly title: string;
  /** The question that the scenario answers, in one sentence. */
  readonly why: string;
  /** The expected outcome, if it is not simply that the issuance completes. */
  readonly expectation?: string;
  /** The features that it covers, which decide where it can run. */
  readonly features: readonly FeatureName[];
  /** What it changes for the whole cluster; such a scenario runs alone. Null for one that can run in parallel. */
  readonly changesClusterWide: string | null;
  /** Settings that differ from the components' defaults; the report lists them. */
  readonly settings: Readonly<Record<string, string>>;
  /** The namespaces in which it creates objects, except its own. */
  sharedNamespaces(names: ScenarioNames): readonly string[];
  /** The label selector of a gateway's Pods that it deploys itself in its own namespace, for the access log. Absent if it deploys none. */
  readonly gatewayPods?: string;
  /** The time limit of `act`, in milliseconds. */
  readonly timeLimitMs: number;
  act(context: ScenarioContext): Promise<void>;
  /** Probes from outside once `act` has ended, however it ended. */
  observe(context: ScenarioContext): Promise<void>;
  readonly checks: readonly Check[];
  /** Absent for the scenarios of Padlock's own suites. */
  readonly source?: ScenarioSource;
}

/** Gives a scenario its type and validates its metadata. */
export function scenario(definition: Scenario): Scenario {
  if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(definition.id))
    throw new Error(`scenario id ${definition.id} is not kebab-case`);
  if (definition.checks.length === 0) throw new Error(`scenario ${definition.id} has no checks`);
  return definition;
}
