import type { RunEventBody } from '../../progress/run-event.ts';

/** Receives the actions and waits of a scenario. */
export interface ScenarioObserver {
  /** Called when the scenario did something, or begins to. */
  onStep(step: string, detail: string): void;
  /** Called with what the scenario waits for and its limit in milliseconds; also while it still waits. */
  onWait(what: string, withinMs: number): void;
  /** Called when a wait ends, successful or not; also for a wait that never began. */
  onWaited(what: string): void;
}

/** Reports what one scenario does as events of the run: each wait once, however often it is noted. */
export function reportingObserver(scenario: string, tell: (event: RunEventBody) => void): ScenarioObserver {
  const waiting = new Map<string, number>();
  return {
    onStep: (step, detail) => tell({ kind: 'scenario-step', scenario, step, detail }),
    onWait(what, withinMs) {
      if (waiting.has(what)) return;
      waiting.set(what, performance.now());
      tell({ kind: 'scenario-waiting', scenario, what, withinMs });
    },
    onWaited(what) {
      const since = waiting.get(what);
      if (since === undefined) return;
      waiting.delete(what);
      tell({ kind: 'scenario-waited', scenario, what, durationMs: Math.round(performance.now() - since) });
    },
  };
}
