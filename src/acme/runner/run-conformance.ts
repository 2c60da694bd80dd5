import { messageOf } from '../../error-message.ts';
import { UserError } from '../../user-error.ts';
import { caChecks, groupSummaries, lanes, lastLane } from '../catalogue/catalogue.ts';
import { type CaCheck, type CheckFinding, type Profile, profiles, skipped, warned } from '../catalogue/check.ts';
import type { CaFeature } from '../catalogue/features.ts';
import { errorType, header, inWords, jsonObject } from '../client/answer.ts';
import type { Exchange } from '../client/exchange.ts';
import { type AcmeSession, RunEnded, UnmetNeed } from '../client/session.ts';
import { NoAnswerError } from '../client/transport.ts';
import { type CheckResult, type Conformance, conformanceSchemaVersion } from './conformance.ts';
import type { Declaration } from './declaration.ts';
import { type Expectation, judgeExpectations } from './expectations.ts';
import { featureStatistics, unprovenClaims } from './feature-statistics.ts';
import { fieldIncompatibilities } from './field-incompatibilities.ts';

export interface ConformanceOptions {
  readonly session: AcmeSession;
  readonly padlockVersion: string;
  readonly profile: Profile;
  /** Sections as {@link sectionName} names them, each including its subsections; empty for all. */
  readonly only: readonly string[];
  readonly caBundle: boolean;
  /** What the CA says about itself. */
  readonly declaration?: Declaration | undefined;
  /** The known deviations of the CA. */
  readonly expectations?: readonly Expectation[] | undefined;
  readonly checks?: readonly CaCheck[];
  /** How many lanes run at once. Default: 8, so as not to flood a CA. */
  readonly lanesAtOnce?: number;
  /** Called after each check. */
  readonly onResult?: (result: Omit<CheckResult, 'exchanges'>, progress: { done: number; of: number }) => void;
  /** Called with the report before the clean-up, which may fail or be interrupted. */
  readonly beforeCleanUp?: (conformance: Conformance) => Promise<void>;
}

const interruption: End = { message: 'The run was interrupted.', exitCode: 3 };

/** The message of checks that did not run before an early end. */
export const endedBefore = 'the run had ended before';

export interface ConformanceRun {
  readonly conformance: Conformance;
  /** 2 if the URL is not an ACME directory, 3 if the CA stopped answering; null after a complete run. */
  readonly errorExitCode: 2 | 3 | null;
  /** Whether an account, an order or an issuance was not possible, or a claimed feature could not be judged. */
  readonly isPartial: boolean;
}

/** The checks of a profile, limited to some sections. */
export function selectChecks(
  profile: Profile,
  only: readonly string[],
  checks: readonly CaCheck[] = caChecks,
): readonly CaCheck[] {
  return checks
    .filter((check) => profiles.indexOf(check.profile) <= profiles.indexOf(profile))
    .filter((check) => only.length === 0 || only.some((one) => isWithin(check, one)));
}

/** The name of a section: only its number for RFC 8555, with the RFC for others, as `9773:4.1`. */
export function sectionName({ rfc, section }: Pick<CaCheck, 'rfc' | 'section'>): string {
  return rfc === 8555 ? section : `${rfc}:${section}`;
}

function isWithin(check: CaCheck, of: string): boolean {
  const name = sectionName(check);
  return name === of || name.startsWith(`${of}.`);
}

const lanesAtOnce = 8;

/**
 * Runs the checks, reports, and cleans up what they created. An interruption ends the checks, with a report so far. The
 * clean-up has a limit of time.
 */
export async function runConformance(options: ConformanceOptions): Promise<ConformanceRun> {
  const { session, profile, only } = options;
  const startedAt = new Date();
  const selected = selectChecks(profile, only, options.checks);
  const results = new Map<CaCheck, Judged>();
  const progress: Progress = { end: null, interrupted: false };
  const claimed = options.declaration?.features ?? null;
  const claimedOnly = (judged: Judged) => withClaims(judged, claimed);
  const tell = (check: CaCheck, judged: Judged) => {
    results.set(check, judged);
    options.onResult?.(judged.result, { done: results.size, of: selected.length });
  };
  // The request for the directory precedes the first check and is recorded with it.
  const before = new Set<Exchange>();
  progress.end = await session.recordInto(before, () => unusableDirectory(session, progress));
  // An external account may be good for one account: that is the one which most checks need, and not one that a check makes for itself.
  const isBound = session.options.externalAccount !== undefined;
  if (isBound && progress.end === null && selected.some((check) => check.profile !== 'read-only')) {
    await session.recordInto(new Set(), () => session.account()).catch(() => {});
  }
  const runLane = async (lane: readonly CaCheck[]) => {
    for (const check of lane.filter((one) => selected.includes(one))) {
      if (progress.interrupted) return;
      const judged = await runCheck(check, session, progress, check === selected[0] ? before : []);
      if (judged === null) return;
      tell(check, claimedOnly(judged));
    }
  };
  const known = new Set([...lanes.flat(), ...lastLane]);
  const waiting = [...lanes, selected.filter((check) => !known.has(check))];
  const inTurn = async () => {
    for (let lane = waiting.shift(); lane !== undefined; lane = waiting.shift()) await runLane(lane);
  };
  await Promise.all(Array.from({ length: options.lanesAtOnce ?? lanesAtOnce }, inTurn));
  // These look back on what the CA has answered and ask nothing: also a run that ended early has its answers.
  const lookBack: Progress = { end: session.exchanges.length > 1 ? null : progress.end, interrupted: false };
  for (const check of lastLane.filter((one) => selected.includes(one))) {
    if (progress.interrupted) break;
    const judged = await runCheck(check, session, lookBack, []);
    if (judged !== null) tell(check, claimedOnly(judged));
  }
  const { interrupted } = progress;
  const end = interrupted ? interruption : progress.end;
  const judged = selected.flatMap((check) => results.get(check) ?? []);
  const durationMs = Date.now() - startedAt.getTime();
  const directory = await session.directoryAnswer().catch(() => null);
  const beforeCleanUp = session.exchanges.length;
  const features = featureStatistics(
    judged.map(({ result }) => result),
    claimed,
  );
  const unproven = interrupted || end !== null ? [] : unprovenClaims(features);
  const isPartial = session.unmet.length > 0 || unproven.length > 0;
  const conformanceWith = (cleanUp: CleanedUp): Conformance => {
    const numbers = new Map(session.exchanges.map((exchange, index) => [exchange, index + 1]));
    const numbersOf = (exchanges: Iterable<Exchange>) =>
      [...exchanges].flatMap((exchange) => numbers.get(exchange) ?? []).toSorted((one, other) => one - other);
    const checks = judged.map(({ result, exchanges }) => ({ ...result, exchanges: numbersOf(exchanges) }));
    const count = (verdict: CheckResult['verdict']) => checks.filter((result) => result.verdict === verdict).length;
    const summary = {
      passed: count('passed'),
      failed: count('failed'),
      warned: count('warned'),
      skipped: count('skipped'),
      notClaimed: count('not-claimed'),
    };
    const meta = directory === null ? undefined : jsonObject(directory)?.meta;
    return {
      schemaVersion: conformanceSchemaVersion,
      padlockVersion: options.padlockVersion,
      startedAt: startedAt.toISOString(),
      durationMs,
      options: {
        directory: session.options.directoryUrl,
        profile,
        only,
        domain: session.options.domain,
        caBundle: options.caBundle,
        externalAccount: session.options.externalAccount !== undefined,
        contact: session.options.contact !== undefined,
        stepSeconds: session.stepSeconds,
        answers: answersOf(session),
      },
      server: {
        meta: typeof meta === 'object' && meta !== null ? (meta as Readonly<Record<string, unknown>>) : null,
        software: directory === null ? null : (header(directory, 'server') ?? null),
        clockOffsetSeconds: session.clockOffsetSeconds,
        serverErrors: session.serverErrors,
      },
      result: interrupted ? 'error' : summary.failed > 0 ? 'failed' : end ? 'error' : isPartial ? 'partial' : 'passed',
      error: end?.message ?? null,
      problems: [
        ...problemsOf(session),
        ...(unproven.length === 0
          ? []
          : [`The CA claims features that no check of this run could judge: ${unproven.join(', ')}.`]),
      ],
      requests: session.exchanges.length,
      cleanUp: {
        state: cleanUp.state,
        limitSeconds: session.cleanUpSeconds,
        accountsDeactivated: cleanUp.deactivated,
        certificatesRevoked: cleanUp.revoked,
        left: cleanUp.left,
        exchanges: numbersOf(session.exchanges.slice(beforeCleanUp)),
      },
      summary,
      declaration:
        options.declaration === undefined
          ? null
          : { ...options.declaration, features: [...options.declaration.features] },
      features,
      gate: options.expectations === undefined ? null : judgeExpectations(options.expectations, checks),
      incompatibilities: fieldIncompatibilities(
        judged.map(({ result, exchanges }) => ({ ...result, exchanges: [...exchanges] })),
      ),
      exchanges: session.exchanges.map((exchange, index) => ({ number: index + 1, ...exchange })),
      checks,
      groups: groupSummaries,
    };
  };
  const pending: CleanedUp = { state: 'pending', deactivated: 0, revoked: 0, left: session.leftBehind };
  await options.beforeCleanUp?.(conformanceWith(pending));
  const cleanedUp = await session.cleanUp();
  const conformance = conformanceWith({ state: 'done', ...cleanedUp });
  return { conformance, errorExitCode: end?.exitCode ?? null, isPartial };
}

interface CleanedUp {
  readonly state: Conformance['cleanUp']['state'];
  readonly deactivated: number;
  readonly revoked: number;
  readonly left: readonly string[];
}

/** A result, and the exchanges that it stands on. */
interface Judged {
  readonly result: Omit<CheckResult, 'exchanges'>;
  readonly exchanges: ReadonlySet<Exchange>;
}

/** What the reader of a report must know before the verdicts, one sentence each. */
function problemsOf(session: AcmeSession): readonly string[] {
  const { clockOffsetSeconds, serverErrors, unmet } = session;
  const direction = clockOffsetSeconds > 0 ? 'ahead of' : 'behind';
  return [
    ...unmet.map((problem) => `Not possible here: ${problem.replace(/\.$/, '')}.`),
    ...(clockOffsetSeconds === 0
      ? []
      : [
          `The CA's clock is ${Math.abs(clockOffsetSeconds)} s ${direction} this one. Times are judged by the CA's clock.`,
        ]),
    ...(serverErrors === 0
      ? []
      : [
          `The CA gave ${serverErrors} correct requests a server error or no answer. A CA that fails on concurrent requests passes more checks with --one-at-a-time.`,
        ]),
  ];
}

/** The state that all lanes share. */
interface Progress {
  end: End | null;
  interrupted: boolean;
}

/** @returns null after an interruption by the user */
async function runCheck(
  check: CaCheck,
  session: AcmeSession,
  progress: Progress,
  before: Iterable<Exchange>,
): Promise<Judged | null> {
  const began = performance.now();
  const exchanges = new Set<Exchange>(before);
  let finding: CheckFinding;
  if (progress.end !== null) finding = skipped(endedBefore);
  else {
    try {
      finding = await session.recordInto(exchanges, () => check.run(session));
    } catch (thrown) {
      if (session.options.signal?.aborted) {
        progress.interrupted = true;
        return null;
      }
      // A failed clean-up of the check ends the run, whatever its own error was.
      const error = thrown instanceof SuppressedError ? thrown.error : thrown;
      if (!(error instanceof UnmetNeed || error instanceof NoAnswerError)) progress.end ??= endBy(error, check.id);
      finding = findingOf(error);
    }
  }
  const { rfc, section, level, basis, asserts, group, id, feature } = check;
  const result = {
    ...{ id, group, rfc, section, level, basis, asserts, feature },
    verdict: finding.verdict === 'failed' && level !== 'MUST' ? ('warned' as const) : finding.verdict,
    message: finding.message,
    durationMs: Math.round(performance.now() - began),
  };
  return { result, exchanges };
}

/** A check that found nothing to judge, or not what the CA may leave out, is no lack of a CA that does not claim the feature. */
function withClaims(judged: Judged, claimed: readonly CaFeature[] | null): Judged {
  const { verdict, level, feature, message } = judged.result;
  if (claimed === null || feature === null || feature === undefined) return judged;
  const isOut = verdict === 'skipped' || (verdict === 'warned' && level === 'MAY');
  if (!isOut || message === endedBefore || claimed.some((one) => one === feature)) return judged;
  return { ...judged, result: { ...judged.result, verdict: 'not-claimed' } };
}

/** The challenge types that can be answered. */
function answersOf({ options: { responders, withoutIssuance } }: AcmeSession): Conformance['options']['answers'] {
  if (responders === undefined || withoutIssuance !== undefined) return [];
  const { http, dns, tlsAlpn } = responders;
  return [
    ...(http ? (['http-01'] as const) : []),
    ...(dns ? (['dns-01'] as const) : []),
    ...(tlsAlpn ? (['tls-alpn-01'] as const) : []),
  ];
}

function findingOf(error: unknown): CheckFinding {
  // No answer keeps no requirement, and breaks none.
  if (error instanceof NoAnswerError) return warned(error.message);
  return skipped(messageOf(error));
}

/** Ends the run, so that neither the CA nor the user's programs nor a bug of Padlock prevent report and clean-up. */
function endBy(error: unknown, id: string): End {
  if (error instanceof UserError) return { message: error.message, exitCode: 3 };
  const said = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return { message: `Padlock itself failed in the check ${id} (${said}); please report it.`, exitCode: 3 };
}

interface End {
  readonly message: string;
  readonly exitCode: 2 | 3;
}

/** Why the URL is not a usable directory, in one sentence; null if it is one. */
async function unusableDirectory(session: AcmeSession, progress: Progress): Promise<End | null> {
  const url = session.options.directoryUrl;
  try {
    const answer = await session.directoryAnswer();
    if (answer.status >= 300 && answer.status < 400) {
      const to = header(answer, 'location');
      const where = to === undefined ? '' : ` to ${to}`;
      return {
        message: `${url} redirects${where}, and Padlock follows no redirects; use the URL of the directory itself.`,
        exitCode: 2,
      };
    }
    if (answer.status !== 200) {
      const said = errorType(answer) === null ? String(answer.status) : inWords(answer);
      return { message: `${url} is not an ACME directory: the server answered ${said}.`, exitCode: 2 };
    }
    const directory = jsonObject(answer);
    if (directory === null)
      return { message: `${url} is not an ACME directory: the answer is not a JSON object.`, exitCode: 2 };
    if (directory.newNonce === undefined && directory.newAccount === undefined) {
      return {
        message: `${url} is not an ACME directory: the JSON object has neither newNonce nor newAccount.`,
        exitCode: 2,
      };
    }
    return null;
  } catch (error) {
    if (session.options.signal?.aborted) {
      progress.interrupted = true;
      return interruption;
    }
    if (error instanceof RunEnded || error instanceof NoAnswerError) return { message: error.message, exitCode: 3 };
    throw error;
  }
}
