import { judge } from '../checks/judge.ts';
import { browserShowsPadlock } from '../checks/serving/browser-shows-padlock.ts';
import { diagnose } from '../diagnosis/diagnose.ts';
import { messageOf } from '../error-message.ts';
import type { Evidence } from '../evidence/evidence.ts';
import { derivedFields } from '../issuance/derived-fields.ts';
import { readIssuance } from '../issuance/reading.ts';
import { TimeoutError } from '../kube/until.ts';
import { scenarioResult } from '../report/overall-result.ts';
import type { ScenarioReport } from '../report/report.ts';
import { scaled } from '../time-scale.ts';
import { cleanUp } from './context/clean-up.ts';
import { type ContextParts, ScenarioContext } from './context/context.ts';
import { probeForDiagnosis } from './context/probes.ts';
import type { ScenarioNames } from './context/scenario-names.ts';
import type { Recorders } from './recorders.ts';
import type { Scenario, ScenarioSource } from './scenario.ts';

/** A scenario that ran: its part of the report, and the evidence that the verdicts are about. */
export interface ScenarioRun {
  readonly report: Omit<ScenarioReport, 'evidence' | 'evidenceSha256'>;
  readonly evidence: Evidence;
  /** A screenshot of the browser (PNG), or null. */
  readonly picture: Buffer | null;
  /** What checks that passed warn of, one sentence each. */
  readonly warnings: readonly string[];
}

/** For what a step does after its limit, such as to put back what it changed. */
const endsAfterAbortWithinMs = 10_000;

interface ScenarioRequest {
  readonly scenario: Scenario;
  readonly parts: Omit<ContextParts, 'scenario'>;
  readonly recorders: Pick<Recorders, 'evidence' | 'explain'>;
  /** Called with the id and the names of a scenario that did not pass, while everything that it made is still there. */
  onFailure(scenario: string, names: ScenarioNames): Promise<void>;
  /** Keeps what the scenario created. */
  readonly keep: boolean;
}

/**
 * Runs one scenario: acts, records, judges the evidence, and removes what the scenario created.
 *
 * After a wait that times out, the checks still judge the evidence.
 *
 * @throws the signal's reason when interrupted, after removing what it created
 */
export async function runScenario({
  scenario,
  parts,
  recorders,
  keep,
  onFailure,
}: ScenarioRequest): Promise<ScenarioRun> {
  const timeLimitMs = scaled(scenario.timeLimitMs);
  const limit = AbortSignal.any([parts.signal, AbortSignal.timeout(timeLimitMs)]);
  const startedAt = new Date();
  const context = new ScenarioContext({ ...parts, signal: limit, scenario });
  const stepErrors: unknown[] = [];
  const attempt = async (step: () => Promise<void>) => {
    try {
      await untilSettled(step(), limit);
    } catch (error) {
      if (parts.signal.aborted) throw parts.signal.reason;
      stepErrors.push(error);
    }
  };
  try {
    await attempt(() => scenario.act(context));
    if (stepErrors.length > 0) context.endEarly();
    await attempt(() => context.endSeries());
    await attempt(() => scenario.observe(context));
    await attempt(() => context.endFault());
    const endedAt = new Date();
    parts.onStep('collect', 'what was recorded meanwhile');
    const record = () => recorders.evidence({ scenario, context, startedAt, endedAt, names: parts.names });
    const asked = scenario.checks.filter(({ id }) => parts.browser !== null || id !== browserShowsPadlock.id);
    const checkIds = asked.map(({ id }) => id);
    let evidence = await record();
    let reading = readIssuance(evidence);
    const own = new Map(scenario.checks.map((check) => [check.id, check]));
    let results = judge(evidence, checkIds, reading.issuance, own);
    const isGood = () => stepErrors.length === 0 && results.every(({ result }) => result !== 'failed');
    if (!isGood()) {
      await probeForDiagnosis(context);
      evidence = await recorders.explain(await record(), parts.signal);
      reading = readIssuance(evidence);
      results = judge(evidence, checkIds, reading.issuance, own);
      await onFailure(scenario.id, parts.names);
    }
    const checks = results.map(({ warning: _, ...result }) => ({
      ...result,
      asserts: scenario.checks.find(({ id }) => id === result.id)?.asserts ?? result.id,
    }));
    const error = describeError(stepErrors, limit, { id: scenario.id, timeLimitMs, source: scenario.source });
    return {
      evidence,
      picture: context.picture,
      warnings: results.flatMap(({ id, warning, message }) =>
        warning === true ? `${scenario.id} ${id} warns: ${message}` : [],
      ),
      report: {
        ...derivedFields(reading),
        why: scenario.why,
        result: scenarioResult({ checks, ...(error ? { error } : {}) }),
        ...(scenario.expectation ? { expectation: scenario.expectation } : {}),
        features: [...scenario.features],
        checks,
        diagnosis: isGood() ? null : diagnose(evidence, reading.issuance),
        logs: evidence.logs,
        ...(error ? { error } : {}),
      },
    };
  } finally {
    // The report already shows whether it took effect, or it does not matter.
    await context.endFault().catch(() => {});
    try {
      if (!keep) await cleanUp(context);
    } finally {
      await context.started.disposeAsync();
    }
  }
}

function describeError(
  errors: readonly unknown[],
  limit: AbortSignal,
  { id, timeLimitMs, source }: Pick<Scenario, 'id' | 'timeLimitMs'> & { readonly source: ScenarioSource | undefined },
): { message: string; lastSeen?: string } | null {
  if (errors.length === 0) return null;
  const [first] = errors;
  const where = source === undefined ? '' : ` (${source.placeOf(first)})`;
  if (first instanceof TimeoutError) {
    const message = `Gave up waiting for ${first.what} after ${first.withinMs / 1000} s${where}`;
    return { message, lastSeen: first.lastSeen };
  }
  if (limit.aborted) return { message: `${id} did not end within its ${timeLimitMs / 1000} s${where}` };
  return { message: `${withoutFullStop(messageOf(first), where)}${where}` };
}

/** What follows a sentence in parentheses takes its full stop away. */
function withoutFullStop(message: string, where: string): string {
  return where === '' ? message : message.replace(/\.$/, '');
}

/**
 * Awaits a step, which ends by itself when the limit aborts: all that it waits for does. One that still goes on after some time is
 * given up.
 *
 * @throws the error of the step; the reason of the limit
 */
async function untilSettled(step: Promise<void>, limit: AbortSignal): Promise<void> {
  const { promise: givenUp, reject } = Promise.withResolvers<never>();
  let timer: NodeJS.Timeout | undefined;
  const giveUpLater = () => {
    timer = setTimeout(() => reject(limit.reason), scaled(endsAfterAbortWithinMs));
  };
  if (limit.aborted) giveUpLater();
  else limit.addEventListener('abort', giveUpLater, { once: true });
  try {
    await Promise.race([step, givenUp]);
  } finally {
    clearTimeout(timer);
    limit.removeEventListener('abort', giveUpLater);
  }
}
