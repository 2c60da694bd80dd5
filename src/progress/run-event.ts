import { z } from 'zod';

/**
 * The progress events of a run: the lines of `--json-lines`, one JSON object each. A terminal shows the same events.
 *
 * The first line is `run-started`, the last `run-ended`, whatever ended the run; a run that was killed has no last line.
 * Readers skip unknown kinds and fields: new ones do not raise the version. A change of an existing one does.
 */
export const runEventSchemaVersion = 1;

const durationMs = z.int().nonnegative().describe('in milliseconds');
const scenario = z.string().min(1).describe("the scenario's id");
const component = z.string().min(1).describe("the component's id, or an image's name");
const environment = z.string().min(1).describe("the environment's name");

/** When it happened: in every event. */
const when = {
  at: z.iso.datetime({ precision: 3 }).describe("ISO 8601 in UTC, from the clock of Padlock's machine"),
  sinceMs: z.int().nonnegative().describe('milliseconds since the run began, by a clock that is never set'),
};

export const runEventSchema = z.discriminatedUnion('kind', [
  z
    .object({
      ...when,
      kind: z.literal('run-started'),
      schemaVersion: z.literal(runEventSchemaVersion),
      command: z.enum(['run', 'up', 'build']),
      padlockVersion: z.string(),
      scenarios: z.array(z.string()).describe('the ids of those that were chosen; empty where none are run'),
    })
    .describe('the first line'),
  z
    .object({
      ...when,
      kind: z.literal('run-phase'),
      phase: z.string().min(1).describe('e.g. checking the components'),
    })
    .describe('what the command itself does now, outside of builds, environment and scenarios'),
  z
    .object({ ...when, kind: z.literal('build-waiting') })
    .describe('another build is at work in the same cache; this one waits until it is done'),
  z
    .object({
      ...when,
      kind: z.literal('build-damaged'),
      component,
      files: z.array(z.string()).describe('the outputs that are not as they were built'),
    })
    .describe('what is in the cache is not as it was built, and is made again'),
  z
    .object({ ...when, kind: z.literal('build-started'), component, expectedMs: durationMs })
    .describe('a component that was not in the cache is being built; expectedMs is what it takes with cold caches'),
  z.object({ ...when, kind: z.literal('build-ended'), component, durationMs }).describe('a component is built'),
  z
    .object({ ...when, kind: z.literal('environment-starting'), environment })
    .describe('the environment of the run begins to start'),
  z
    .object({ ...when, kind: z.literal('cell-phase'), environment, phase: z.string() })
    .describe(
      'the cell reached a phase of its start, e.g. namespaces, processes, api-server-answers, api-server-ready',
    ),
  z
    .object({ ...when, kind: z.literal('platform-phase'), environment, phase: z.string() })
    .describe('the platform reached a phase of its installation, e.g. applied, istiod available'),
  z
    .object({ ...when, kind: z.literal('environment-ready'), environment, durationMs })
    .describe('the environment and the platform on it are up'),
  z
    .object({ ...when, kind: z.literal('environment-removing'), environment })
    .describe('the environment is being removed'),
  z
    .object({ ...when, kind: z.literal('environment-removed'), environment, durationMs })
    .describe('nothing is left of the environment'),
  z.object({ ...when, kind: z.literal('scenario-started'), scenario }),
  z
    .object({
      ...when,
      kind: z.literal('scenario-step'),
      scenario,
      step: z.string().min(1).describe('e.g. apply, ready, dns, probe, collect, remove'),
      detail: z.string().describe('what it is about, e.g. Certificate/istio-system/example'),
    })
    .describe('the scenario did something, or begins to'),
  z
    .object({
      ...when,
      kind: z.literal('scenario-waiting'),
      scenario,
      what: z.string().min(1).describe('e.g. Certificate istio-system/example to be Ready'),
      withinMs: durationMs.describe('milliseconds after which the scenario gives up'),
    })
    .describe('the scenario begins to wait; it can wait for several things at once, each of which is told once'),
  z
    .object({ ...when, kind: z.literal('scenario-waited'), scenario, what: z.string().min(1), durationMs })
    .describe('a wait is over: it came, or the time ran out'),
  z
    .object({
      ...when,
      kind: z.literal('scenario-ended'),
      scenario,
      result: z.enum(['passed', 'failed', 'error', 'skipped']),
      durationMs,
    })
    .describe(
      'the scenario was judged, and what it made is removed; durationMs is as in the report: without the removal',
    ),
  z
    .object({ ...when, kind: z.literal('problem'), message: z.string().min(1) })
    .describe('what went wrong outside of any scenario, in one sentence'),
  z
    .object({
      ...when,
      kind: z.literal('run-ended'),
      result: z
        .enum(['passed', 'failed', 'error', 'partial', 'ready', 'interrupted'])
        .describe("a run's is that of its report; 'ready' is that of up and build; 'interrupted' after a signal"),
      reports: z.string().nullable().describe('the folder of the reports; null where none were written'),
    })
    .describe('the last line'),
]);

/** @see runEventSchema */
export type RunEvent = z.infer<typeof runEventSchema>;

/** An event before anyone has said when it happened. */
export type RunEventBody = WithoutTime<RunEvent>;

// Distributes over the union, which Omit does not.
type WithoutTime<Event> = Event extends RunEvent ? Omit<Event, 'at' | 'sinceMs'> : never;
