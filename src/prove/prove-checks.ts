import packageJson from '../../package.json' with { type: 'json' };
import { orderCompleted } from '../checks/issuance/order-completed.ts';
import { browserShowsPadlock } from '../checks/serving/browser-shows-padlock.ts';
import type { RunningEnvironment } from '../environment/environment.ts';
import { messageOf } from '../error-message.ts';
import type { Evidence } from '../evidence/evidence.ts';
import type { ScenarioFault } from '../faults/fault.ts';
import type { RunEventBody } from '../progress/run-event.ts';
import { runSuite } from '../suite/run-suite.ts';
import type { Scenario } from '../suite/scenario.ts';
import {
  type ChecksProof,
  checksProofSchemaVersion,
  checksTurnedRed,
  type JudgedScenario,
  provenFault,
  redChecks,
  resultOfProof,
} from './checks-proof.ts';

interface ProofRequest {
  /** The name of the run: what it makes is found by it. */
  readonly run: string;
  /** It passes without a fault, and can run beside itself. */
  readonly scenario: Scenario;
  readonly faults: readonly ScenarioFault[];
  readonly leftOut: ChecksProof['leftOut'];
  readonly environment: RunningEnvironment;
  readonly httpbinImage: string;
  /** Whether a browser looks at what is served. */
  readonly browser: boolean;
  readonly signal: AbortSignal;
  tell(event: RunEventBody): void;
}

/** A proof, and the evidence of each scenario by the id of its fault or `no-fault`. */
export interface ProvenChecks {
  readonly proof: ChecksProof;
  readonly evidence: ReadonlyMap<string, Evidence>;
}

/**
 * Runs one scenario without a fault and, beside it, once with each fault, and sees which checks turn red. A fault that cannot be
 * staged is a problem in the proof.
 *
 * @throws the signal's reason when interrupted, after everything that was made is removed
 */
export async function proveChecks(request: ProofRequest): Promise<ProvenChecks> {
  const { scenario, faults, leftOut, environment, signal } = request;
  const startedAt = new Date();
  const evidence = new Map<string, Evidence>();
  // An interrupted scenario still removes what it made, so that all are waited for.
  const settled = await Promise.allSettled(
    [null, ...faults].map((fault, index) => judgedWith(fault, index + 1, request, evidence)),
  );
  signal.throwIfAborted();
  const judged = settled.map((outcome) => {
    if (outcome.status === 'rejected') return { checks: [], ...nothingKnown, problem: messageOf(outcome.reason) };
    return outcome.value;
  });
  const [control = { checks: [], ...nothingKnown, problem: 'It did not run.' }, ...others] = judged;
  const withoutFault = {
    passed: control.problem === null && redChecks(control).length === 0 && control.checks.length > 0,
    red: redChecks(control),
    durationMs: control.durationMs,
    problem: control.problem,
  };
  const proven = faults.flatMap((fault, index) => {
    const one = others[index];
    return one === undefined ? [] : [provenFault(fault, one)];
  });
  const ran = new Set(judged.flatMap(({ checks }) => checks.map(({ id }) => id)));
  const checks = scenario.checks.map(({ id }) => id).filter((id) => ran.size === 0 || ran.has(id));
  return {
    evidence,
    proof: {
      schemaVersion: checksProofSchemaVersion,
      padlock: { version: packageJson.version },
      result: resultOfProof({ withoutFault, faults: proven }),
      startedAt: startedAt.toISOString(),
      durationMs: Date.now() - startedAt.getTime(),
      environment: { kind: environment.kind, name: environment.name },
      scenario: scenario.id,
      withoutFault,
      faults: proven,
      leftOut: [...leftOut],
      checks: checksTurnedRed(checks, withoutFault.red, proven),
    },
  };
}

const nothingKnown = { diagnosedAs: null, durationMs: 0 };

async function judgedWith(
  fault: ScenarioFault | null,
  repetition: number,
  request: ProofRequest,
  evidence: Map<string, Evidence>,
): Promise<JudgedScenario> {
  const { run, scenario, httpbinImage, signal, tell } = request;
  const environment = seenAsOfOthers(request.environment);
  // What ends without a certificate has nothing for a browser to look at that another fault does not show.
  const isIssued = fault === null || !fault.inScenario.turnsRed.includes(orderCompleted.id);
  const suite = await runSuite({
    ...{ run, scenarios: [scenario], environment, httpbinImage, fault, repetition, signal },
    browser: request.browser && isIssued && scenario.checks.includes(browserShowsPadlock),
    keep: false,
    onFailure: async () => {},
    tell: (event) =>
      tell('scenario' in event ? { ...event, scenario: `${scenario.id} with ${fault?.id ?? 'no fault'}` } : event),
  });
  const [report] = suite.scenarios;
  for (const one of suite.evidence.values()) evidence.set(fault?.id ?? 'no-fault', one);
  if (report === undefined) return { checks: [], ...nothingKnown, problem: suite.problems[0] ?? 'It did not run.' };
  return {
    checks: report.checks.map(({ id, result }) => ({ id, result })),
    diagnosedAs: report.diagnosis?.rule ?? null,
    durationMs: report.durationMs,
    problem: problemOf(report, fault, suite.problems),
  };
}

interface EndedScenario {
  readonly result: 'passed' | 'failed' | 'skipped' | 'error';
  readonly error?: { readonly message: string } | undefined;
}

/** Why nothing can be said: it did not run, or the fault was not there. That a wait ran out is what a fault is expected to do. */
function problemOf(report: EndedScenario, fault: ScenarioFault | null, problems: readonly string[]): string | null {
  if (report.result === 'skipped') return problems[0] ?? 'It was skipped.';
  if (report.result === 'error') return report.error?.message ?? 'It ended early.';
  if (fault === null) return report.error?.message ?? null;
  const message = report.error?.message ?? '';
  return message.startsWith(`Fault '${fault.id}'`) ? message : null;
}

/** The same environment as one that others use, too: then a scenario has names of its own, and runs beside itself. */
function seenAsOfOthers(environment: RunningEnvironment): RunningEnvironment {
  return new Proxy(environment, {
    get(target, name) {
      if (name === 'belongsToOthers') return true;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
