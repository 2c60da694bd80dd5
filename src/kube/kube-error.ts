/** A request that the API server refused, or that did not reach it. The message is one sentence for the user. */
export class KubeError extends Error {
  override readonly name = 'KubeError';
  /** The HTTP status, or null if there was no answer. */
  readonly status: number | null;
  /** The API server's own machine-readable reason, e.g. `NotFound`, `Conflict`, `Expired`. */
  readonly reason: string | null;

  constructor(message: string, details: { status: number | null; reason: string | null; cause?: unknown }) {
    super(message, 'cause' in details ? { cause: details.cause } : undefined);
    this.status = details.status;
    this.reason = details.reason;
  }
}

/**
 * The error of an answer that is no success.
 *
 * @param what the operation, e.g. `apply Certificate ns/name`
 * @param body the answer's body; the API server sends a `Status` object
 */
export function refusal(what: string, status: number, body: string): KubeError {
  const parsed = parseStatus(body);
  // Lists of conflicts and of invalid fields come one a line.
  const said = (parsed?.message ?? body.trim().slice(0, 500)).replaceAll(/\s*\n\s*/g, ' ');
  const reason = parsed?.reason ?? null;
  const code = [String(status), reason].filter((part) => part !== null).join(' ');
  return new KubeError(`Could not ${what}: the API server says: ${said === '' ? 'nothing' : said} (${code}).`, {
    status,
    reason,
  });
}

/** The error of a request without an answer, or with a truncated one. */
export function unreachable(what: string, server: string, cause: unknown): KubeError {
  return new KubeError(`Could not ${what}: no answer from the API server at ${server} (${describeCause(cause)}).`, {
    status: null,
    reason: null,
    cause,
  });
}

/** A cause in a few words; an AggregateError of several addresses has a code but no message. */
export function describeCause(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  if (cause.message !== '') return cause.message;
  return 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.name;
}

function parseStatus(body: string): { message: string | null; reason: string | null } | null {
  try {
    const status: unknown = JSON.parse(body);
    if (typeof status !== 'object' || status === null) return null;
    const { message, reason } = status as Record<string, unknown>;
    return {
      message: typeof message === 'string' && message !== '' ? message : null,
      reason: typeof reason === 'string' && reason !== '' ? reason : null,
    };
  } catch {
    return null;
  }
}
