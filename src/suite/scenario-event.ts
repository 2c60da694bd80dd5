import type { ScenarioResult } from '../report/report.ts';

/** What a scenario does now, for whoever watches. Times in milliseconds. */
export type ScenarioEvent =
  | { readonly scenario: string; readonly event: 'started' }
  | { readonly scenario: string; readonly event: 'step'; readonly step: string; readonly detail: string }
  | { readonly scenario: string; readonly event: 'waiting'; readonly what: string; readonly withinMs: number }
  | { readonly scenario: string; readonly event: 'waited'; readonly what: string; readonly durationMs: number }
  | {
      readonly scenario: string;
      readonly event: 'ended';
      readonly result: ScenarioResult;
      readonly durationMs: number;
    };

/** Hears what a stage does. */
export interface StageObserver {
  /** Called with what the scenario did, or begins to do. */
  onStep(step: string, detail: string): void;
  /** Called with what the scenario waits for, and after how many milliseconds it gives up; also while it still waits. */
  onWait(what: string, withinMs: number): void;
  /** Called when a wait is over, whether it came or not; also for one that never began. */
  onWaited(what: string): void;
}

/** Tells what one scenario's stage does: each wait once, however often it is noted. */
export function tellingObserver(scenario: string, tell: (event: ScenarioEvent) => void): StageObserver {
  const waiting = new Map<string, number>();
  return {
    onStep: (step, detail) => tell({ scenario, event: 'step', step, detail }),
    onWait(what, withinMs) {
      if (waiting.has(what)) return;
      waiting.set(what, performance.now());
      tell({ scenario, event: 'waiting', what, withinMs });
    },
    onWaited(what) {
      const since = waiting.get(what);
      if (since === undefined) return;
      waiting.delete(what);
      tell({ scenario, event: 'waited', what, durationMs: Math.round(performance.now() - since) });
    },
  };
}
