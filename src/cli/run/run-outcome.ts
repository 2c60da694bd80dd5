import type { Components } from '../../components/index.ts';
import type { RunningEnvironment } from '../../environment/environment.ts';
import type { EnvironmentParts } from '../../environment/provider.ts';
import type { RunError } from '../../report/report.ts';
import type { SuiteRun } from '../../suite/run-suite.ts';

/** How long the steps of a run took, in milliseconds; null for a step that did not end or was not needed. */
export interface RunTimings {
  readonly buildMs: number | null;
  readonly upMs: number | null;
  readonly runMs: number | null;
  readonly downMs: number | null;
}

/** What a run came to, whether it reached its end or not. */
export interface RunOutcome extends Pick<SuiteRun, 'scenarios' | 'evidence' | 'pictures'> {
  readonly run: string;
  /** Null if none were built. */
  readonly components: Components | null;
  /** Null if the run ended before they were looked at. */
  readonly parts: EnvironmentParts | null;
  /** Null if none started. */
  readonly environment: RunningEnvironment | null;
  readonly kubernetesVersion: string | null;
  readonly peakMemoryBytes: number | null;
  readonly timings: RunTimings;
  /** Whether the folder of diagnostics has any. */
  readonly hasBundle: boolean;
  /** What ended the run early; null if nothing did. */
  readonly error: RunError | null;
  /** What else went wrong, one sentence each. */
  readonly problems: readonly string[];
}
