/** The public API of the package `padlock`, for scenarios of one's own and for tests. */

export { type Check, failed, passed, skipped, type Verdict } from '../checks/check.ts';
export type { Evidence } from '../evidence/evidence.ts';
export type { KubeObject, ObjectRef } from '../kube/kube-object.ts';
export type { GivenSubject } from '../own-scenarios/given-subject.ts';
export { type OwnScenario, scenario } from '../own-scenarios/own-scenario.ts';
export type { OwnScenarioNames } from '../own-scenarios/own-scenario-names.ts';
export type { ObjectSelection, ScenarioSteps } from '../own-scenarios/scenario-steps.ts';
export { readEvidence } from '../report/folder/read-evidence.ts';
export { type Cell, type CellCa, type CellOptions, type ScenarioOutcome, startCell } from './start-cell.ts';
