import { formatDuration } from '../issuance/duration.ts';
import type { Report } from './report.ts';

/** The duration of a run, with its known parts: `1 min 21 s (build 73 ms, up 17.6 s, …)`. */
export function timeOfRun({ timings, startedAt, endedAt }: Report): string {
  const stretches = [
    ['build', timings.buildMs],
    ['up', timings.upMs],
    ['run', timings.runMs],
    ['down', timings.downMs],
  ] as const;
  const parts = stretches.flatMap(([name, ms]) => (ms === null ? [] : [`${name} ${formatDuration(ms)}`]));
  const total = formatDuration(Date.parse(endedAt) - Date.parse(startedAt));
  return parts.length === 0 ? total : `${total} (${parts.join(', ')})`;
}
