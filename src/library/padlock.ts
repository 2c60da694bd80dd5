/** The public API of the package `padlock`, for scenarios of one's own and for tests. */

export { type Check, failed, passed, skipped, type Verdict } from '../checks/check.ts';
export type { Evidence } from '../evidence/evidence.ts';
export type { KubeObject, ObjectRef } from '../kube/kube-object.ts';
export { type OwnScenario, scenario } from '../own-scenarios/own-scenario.ts';
export type { ScenarioSteps } from '../own-scenarios/scenario-steps.ts';
