import { formatDuration } from '../issuance/duration.ts';
import { visibleLine } from '../report/visible-text.ts';
import type { RunEvent } from './run-event.ts';

/**
 * An event as one line for people, without its time; null for what needs no line of its own. Whatever a name or a reason
 * from outside holds, the line has no control characters.
 */
export function wordsOf(event: RunEvent): string | null {
  const words = sentenceOf(event);
  return words === null ? null : visibleLine(words);
}

function sentenceOf(event: RunEvent): string | null {
  switch (event.kind) {
    case 'run-started':
    case 'scenario-waited':
    case 'run-ended':
      return null;
    case 'run-phase':
      return event.phase;
    case 'build-waiting':
      return 'Waiting for another build in the same cache.';
    case 'build-damaged':
      return `${event.component}: ${event.files.join(', ')} in the cache is damaged; building it again.`;
    case 'build-started':
      return `Building ${event.component} (about ${wholeSeconds(event.expectedMs)} without a cache).`;
    case 'build-ended':
      return `Built ${event.component} in ${formatDuration(event.durationMs)}.`;
    case 'environment-starting':
      return `environment ${event.environment}: starting`;
    case 'cell-phase':
    case 'platform-phase':
      return phaseWords(event);
    case 'environment-ready':
      return `environment ${event.environment}: ready after ${formatDuration(event.durationMs)}`;
    case 'environment-removing':
      return `environment ${event.environment}: removing`;
    case 'environment-removed':
      return `environment ${event.environment}: removed in ${formatDuration(event.durationMs)}`;
    case 'scenario-started':
      return `${event.scenario}: started${event.environment === undefined ? '' : ` in ${event.environment}`}`;
    case 'scenario-step':
      return `${event.scenario}: ${event.step} ${event.detail}`;
    case 'scenario-waiting':
      return `${event.scenario}: waiting for ${event.what} (at most ${wholeSeconds(event.withinMs)})`;
    case 'scenario-ended':
      return `${event.scenario}: ${event.result} after ${formatDuration(event.durationMs)}`;
    case 'problem':
      return event.message;
  }
}

/** e.g. `cell: api server answers`, `platform: istiod available` */
export function phaseWords({ kind, phase }: Extract<RunEvent, { kind: 'cell-phase' | 'platform-phase' }>): string {
  return kind === 'cell-phase' ? `cell: ${phase.replaceAll('-', ' ')}` : `platform: ${phase}`;
}

/** A time that goes on or a time limit, in whole seconds that are over: `12 s`, `90 s`, `2 min 05 s`. */
export function wholeSeconds(ms: number): string {
  const whole = Math.floor(ms / 1000);
  return whole < 120 ? `${whole} s` : `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`;
}
