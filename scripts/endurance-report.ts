import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

const ms = z.number().nonnegative().describe('in milliseconds');

const killSchema = z.strictObject({
  /** From the start of the command to the kill. */
  afterMs: ms,
  /** The name of the process that was killed; null if everything had ended before. */
  victim: z.string().nullable(),
  /** What the command did until it was killed, by its own last line of progress. */
  during: z.string(),
  exitCode: z.int().nullable(),
  /**
   * survived: the run passed all the same; killed: the command itself was the victim; named: the run failed and its message names
   * what died; told: it failed with a message or a check that does not.
   */
  outcome: z.enum(['survived', 'killed', 'named', 'told']),
  /** The sentence of the command about it; null without one. */
  said: z.string().nullable(),
  /** What was still there when `padlock down --all` had returned. */
  left: z.array(z.string()),
  /** How long the command went on after the kill, and how long `down --all` took. */
  endedMs: ms,
  downMs: ms,
});
export type Kill = z.infer<typeof killSchema>;

const runSchema = z.strictObject({
  exitCode: z.int().nullable(),
  durationMs: ms,
  /** Of the first scenario, by the id of the phase. */
  phases: z.record(z.string(), ms),
  /** The scenarios and checks that did not pass. */
  failed: z.array(z.string()),
  left: z.array(z.string()),
});
export type CoreRun = z.infer<typeof runSchema>;

/** What `npm run endurance` writes: docs/reliability/NAME.json. */
export const enduranceSchema = z.strictObject({
  schemaVersion: z.literal(1),
  padlock: z.string(),
  startedAt: z.iso.datetime(),
  machine: z.strictObject({ cpus: z.int(), memoryBytes: z.number(), os: z.string() }),
  /** Of the random numbers; the same seed repeats the moments and the choices. */
  seed: z.int(),
  /** Busy loops that ran beside. */
  busyLoops: z.int(),
  remark: z.string().nullable(),
  kills: z.array(killSchema),
  runs: z.array(runSchema),
});
export type Endurance = z.infer<typeof enduranceSchema>;

export const enduranceFolder = join(import.meta.dirname, '..', 'docs', 'reliability');

/** Every report in docs/reliability, in the order of their names. */
export async function recordedEndurances(): Promise<readonly Endurance[]> {
  const names = (await readdir(enduranceFolder)).filter((name) => name.endsWith('.json')).toSorted();
  return await Promise.all(
    names.map(async (name) => enduranceSchema.parse(JSON.parse(await readFile(join(enduranceFolder, name), 'utf8')))),
  );
}
