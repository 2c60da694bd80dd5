import { noteMeasuredScale } from '../../time-scale.ts';

/**
 * When phases of a cell's start are reached on a machine of ordinary speed, in milliseconds after the keeper's start: the first makes
 * namespaces, mounts, keys and a dozen processes, the second is the start of the API server. Two idle cores take less than half.
 */
const ordinaryMs: Readonly<Record<string, number>> = {
  namespaces: 2_000,
  'api-server-ready': 8_000,
};

/** Takes the start of a cell as a measurement of this machine's speed, for its time limits. Other phases say nothing. */
export function measureBy(phase: string, sinceStartMs: number): void {
  const ordinary = ordinaryMs[phase];
  if (ordinary !== undefined) noteMeasuredScale(sinceStartMs / ordinary);
}
