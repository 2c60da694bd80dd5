/** A probe that got no answer: an outcome like any other, because it is what a client outside the cluster saw. */
export interface Failure {
  error: string;
  /** The system's, OpenSSL's or Node's code, e.g. ECONNREFUSED; `PROBE_TIMEOUT` where the time limit ended it. */
  code: string | null;
}

/** What a probe reports about itself while it runs. */
export interface Attempt {
  /** Its progress, for the error at the time limit. */
  lastSeen: string;
  /** Everything that it opened; closed when the probe ends, however it ends. */
  readonly opened: DisposableStack;
}

export interface Observation<Answer> {
  at: string;
  durationMs: number;
  outcome: Answer | Failure;
}

/**
 * Makes one probe within a time limit, counted from its first packet to the whole answer. Nothing is thrown: a failure
 * is an outcome.
 */
export async function observe<Answer>(
  withinMs: number,
  work: (attempt: Attempt) => Promise<Answer>,
): Promise<Observation<Answer>> {
  const at = new Date().toISOString();
  const started = performance.now();
  const outcome = await withinLimit(withinMs, work).catch(failureOf);
  return { at, durationMs: elapsedMs(started), outcome };
}

/** @param started of `performance.now()` @returns ms, to a tenth: more would claim a precision that no probe has */
export function elapsedMs(started: number): number {
  return Math.round((performance.now() - started) * 10) / 10;
}

async function withinLimit<Answer>(withinMs: number, work: (attempt: Attempt) => Promise<Answer>): Promise<Answer> {
  using opened = new DisposableStack();
  const attempt: Attempt = { lastSeen: 'nothing', opened };
  const { promise: over, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => reject(withCode(`no answer within ${withinMs} ms; last seen: ${attempt.lastSeen}`, 'PROBE_TIMEOUT')),
    withinMs,
  );
  opened.defer(() => clearTimeout(timer));
  return await Promise.race([work(attempt), over]);
}

export function withCode(message: string, code: string): Error {
  return Object.assign(new Error(message), { code });
}

export function failureOf(error: NodeJS.ErrnoException): Failure {
  return { error: error.message.trim(), code: error.code ?? null };
}
