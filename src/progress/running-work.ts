import { visibleLine } from '../report/visible-text.ts';
import type { RunEvent } from './run-event.ts';
import { phaseWords, wholeSeconds } from './run-event-words.ts';

interface Wait {
  readonly since: number;
  readonly withinMs: number;
}

/** Something that is at work: a build, the environment's start or removal, a scenario. */
interface Work {
  readonly since: number;
  doing: string;
  readonly waits: Map<string, Wait>;
}

/** One work as people read it. */
export interface WorkLine {
  /** e.g. `http01-ingress`, `build kubernetes`, `environment default` */
  readonly name: string;
  readonly elapsed: string;
  /** e.g. `waiting 12 s of 90 s for Certificate istio-system/example to be Ready` */
  readonly doing: string;
}

/** What of a run is at work now, by its events. */
export class RunningWork {
  readonly #works = new Map<string, Work>();
  /** What the command itself does. */
  #phase: Work | null = null;
  /** Between the events' time and this process's clock, in milliseconds. */
  #offset = 0;

  apply(event: RunEvent): void {
    this.#offset = event.sinceMs - performance.now();
    switch (event.kind) {
      case 'build-started':
        this.#begin(
          `build ${event.component}`,
          event,
          `about ${wholeSeconds(event.expectedMs)} when nothing is cached`,
        );
        return;
      case 'build-ended':
        this.#works.delete(`build ${event.component}`);
        return;
      case 'environment-starting':
        this.#begin(environment(event), event, 'starting');
        return;
      case 'cell-phase':
      case 'platform-phase':
        this.#does(environment(event), phaseWords(event));
        return;
      case 'environment-removing':
        this.#begin(environment(event), event, 'removing');
        return;
      case 'environment-ready':
      case 'environment-removed':
        this.#works.delete(environment(event));
        return;
      case 'scenario-started':
        this.#begin(event.scenario, event, 'started');
        return;
      case 'scenario-step':
        this.#does(event.scenario, `${event.step} ${event.detail}`);
        return;
      case 'scenario-waiting':
        this.#works.get(event.scenario)?.waits.set(event.what, { since: event.sinceMs, withinMs: event.withinMs });
        return;
      case 'scenario-waited':
        this.#works.get(event.scenario)?.waits.delete(event.what);
        return;
      case 'scenario-ended':
        this.#works.delete(event.scenario);
        return;
      case 'run-phase':
        this.#phase = { since: event.sinceMs, doing: event.phase, waits: new Map() };
        return;
      case 'run-ended':
        this.#phase = null;
        return;
      case 'run-started':
      case 'build-waiting':
      case 'build-damaged':
      case 'problem':
        return;
    }
  }

  #begin(name: string, { sinceMs }: RunEvent, doing: string): void {
    this.#works.set(name, { since: sinceMs, doing, waits: new Map() });
  }

  #does(name: string, doing: string): void {
    const work = this.#works.get(name);
    if (work) work.doing = doing;
  }

  get isEmpty(): boolean {
    return this.#works.size === 0 && this.#phase === null;
  }

  /** All that is at work now, the longest at work first, fit for a terminal; the command itself where nothing else is. */
  lines(): readonly WorkLine[] {
    const now = performance.now() + this.#offset;
    const works: readonly (readonly [string, Work])[] =
      this.#works.size === 0 && this.#phase ? [['padlock', this.#phase]] : [...this.#works];
    return works.map(([name, work]) => ({
      name: visibleLine(name),
      elapsed: wholeSeconds(now - work.since),
      doing: visibleLine(doingNow(work, now)),
    }));
  }
}

function environment({ environment }: { readonly environment: string }): string {
  return `environment ${environment}`;
}

/** The wait that has lasted longest, as it is the one that holds the rest up; else what was done last. */
function doingNow({ doing, waits }: Work, now: number): string {
  const [first] = waits;
  if (!first) return doing;
  const [what, { since, withinMs }] = first;
  const others = waits.size === 1 ? '' : ` and for ${waits.size - 1} more`;
  // The times first: what a narrow terminal cuts off is the end.
  return `waiting ${wholeSeconds(now - since)} of ${wholeSeconds(withinMs)} for ${what}${others}`;
}
