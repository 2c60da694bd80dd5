import { z } from 'zod';

/**
 * The progress events of a run: the lines of `--json-lines`, one JSON object per line. A terminal shows the same events.
 *
 * The first line is always `run-started`. The last line is `run-ended`, unless the run was killed. Readers must ignore unknown
 * kinds and fields: additions do not raise the version, changes to existing ones do.
 */
export const runEventSchemaVersion = 1;

const durationMs = z.int().nonnegative().describe('in milliseconds');
const scenario = z.string().min(1).describe("the scenario's id");
const component = z.string().min(1).describe("the component's id, or an image's name");
const environment = z.string().min(1).describe("the environment's name");

/** The time of an event; part of every event. */
const when = {
  at: z.iso.datetime({ precision: 3 }).describe("ISO 8601 in UTC, from the clock of Padlock's machine"),
  sinceMs: z.int().nonnegative().describe('milliseconds since the run began, from a monotonic clock'),
};

export const runEventSchema = z.discriminatedUnion('kind', [
  z
    .object({
      ...when,
      kind: z.literal('run-started'),
      schemaVersion: z.literal(runEventSchemaVersion),
      command: z.enum(['run', 'up', 'repro', 'doctor', 'load', 'build']),
      padlockVersion: z.string(),
      scenarios: z.array(z.string()).describe('the ids of the selected scenarios; empty if the command runs none'),
    })
    .describe('the first line'),
  z
    .object({
      ...when,
      kind: z.literal('run-phase'),
      phase: z.string().min(1).describe('e.g. checking the components'),
    })
    .describe('a phase of the command that belongs to no build, environment or scenario'),
  z
    .object({ ...when, kind: z.literal('build-waiting') })
    .describe('another process builds into the same cache; this run waits for it'),
  z
    .object({
      ...when,
      kind: z.literal('build-damaged'),
      component,
      files: z.array(z.string()).describe('the outputs that changed since they were built'),
    })
    .describe('cached outputs are damaged and are built again'),
  z
    .object({ ...when, kind: z.literal('build-started'), component, expectedMs: durationMs })
    .describe('a component that is not in the cache is being built; expectedMs is the duration with cold caches'),
  z
    .object({ ...when, kind: z.literal('build-ended'), component, durationMs })
    .describe('the build of a component has ended'),
  z.object({ ...when, kind: z.literal('environment-starting'), environment }).describe('the environment starts'),
  z
    .object({ ...when, kind: z.literal('cell-phase'), environment, phase: z.string() })
    .describe(
      'the cell reached a phase of its startup, e.g. namespaces, processes, api-server-answers, api-server-ready',
    ),
  z
    .object({ ...when, kind: z.literal('platform-phase'), environment, phase: z.string() })
    .describe('the platform reached a phase of its installation, e.g. applied, istiod available'),
  z
    .object({ ...when, kind: z.literal('environment-ready'), environment, durationMs })
    .describe('the environment and its platform are ready'),
  z
    .object({ ...when, kind: z.literal('environment-removing'), environment })
    .describe('the environment is being removed'),
  z
    .object({ ...when, kind: z.literal('environment-removed'), environment, durationMs })
    .describe('the environment is removed completely'),
  z.object({
    ...when,
    kind: z.literal('scenario-started'),
    scenario,
    environment: environment.optional().describe('where it runs; absent where the run has one environment'),
  }),
  z
    .object({
      ...when,
      kind: z.literal('scenario-step'),
      scenario,
      step: z.string().min(1).describe('e.g. apply, ready, dns, probe, collect, remove'),
      detail: z.string().describe('the subject of the step, e.g. Certificate/istio-system/example'),
    })
    .describe('the scenario did something or starts to do it'),
  z
    .object({
      ...when,
      kind: z.literal('scenario-waiting'),
      scenario,
      what: z.string().min(1).describe('e.g. Certificate istio-system/example to be Ready'),
      withinMs: durationMs.describe('milliseconds after which the scenario gives up'),
    })
    .describe('the scenario starts to wait; it can wait for several things at once, with one event each'),
  z
    .object({ ...when, kind: z.literal('scenario-waited'), scenario, what: z.string().min(1), durationMs })
    .describe('a wait has ended: successfully or at its time limit'),
  z
    .object({
      ...when,
      kind: z.literal('scenario-ended'),
      scenario,
      result: z.enum(['passed', 'failed', 'error', 'skipped']),
      durationMs,
    })
    .describe('the scenario was judged and its objects are removed; durationMs excludes the removal, as in the report'),
  z
    .object({ ...when, kind: z.literal('problem'), message: z.string().min(1) })
    .describe('a problem outside of any scenario, in one sentence'),
  z
    .object({
      ...when,
      kind: z.literal('run-ended'),
      result: z
        .enum(['passed', 'failed', 'error', 'partial', 'ready', 'interrupted'])
        .describe("for run, the result of its report; for up and build, 'ready'; after a signal, 'interrupted'"),
      reports: z.string().nullable().describe('the folder of the reports; null if none were written'),
    })
    .describe('the last line'),
]);

/** @see runEventSchema */
export type RunEvent = z.infer<typeof runEventSchema>;

/** An event without its time. */
export type RunEventBody = WithoutTime<RunEvent>;

// Distributes over the union, which Omit does not.
type WithoutTime<Event> = Event extends RunEvent ? Omit<Event, 'at' | 'sinceMs'> : never;
