import type { CheckResult } from './conformance.ts';
import type { Exchange } from './exchange.ts';

/** A way in which CAs and clients were seen to disagree in the field. */
interface Pattern {
  /** Where it was reported: `cert-manager 5690`, an issue of its repository, or `golang/go 73504`. */
  readonly issues: readonly string[];
  /** What the CA does, in one sentence. */
  readonly pattern: string;
  /** What cert-manager does then. */
  readonly certManager: string;
  /** The ids of checks that show it by not passing. */
  readonly checks?: readonly string[];
  /** Whether one exchange shows it. */
  readonly shows?: (exchange: Exchange, group: number) => boolean;
}

/** One of the patterns, met at this CA. */
export interface Incompatibility {
  readonly issues: readonly string[];
  readonly pattern: string;
  readonly certManager: string;
  /** The check that met it. */
  readonly check: string;
}

/** A wait that nobody expects of a client that is at work. */
const longRetryAfterSeconds = 3600;

/** Before it, checks send what no client would: a server may stumble over that. */
const firstGroupOfOrders = 20;

const isJson = ({ headers }: Exchange) => /\bjson\b/i.test(headers['content-type']?.[0] ?? '');

function isBroken({ body }: Exchange): boolean {
  // The record keeps the beginning of a long body only.
  if (body === '' || body.length >= 4096) return false;
  try {
    JSON.parse(body);
    return false;
  } catch {
    return true;
  }
}

/** The catalogue of field incompatibilities; what cert-manager does is as its issues describe it. */
const patterns: readonly Pattern[] = [
  {
    issues: ['cert-manager 7388', 'cert-manager 5987', 'cert-manager 7830'],
    pattern: 'A look-up of an account that is there is refused, as it has no external account binding.',
    certManager: 'It goes on without the URL of its account, and its orders are refused for want of a key identifier.',
    checks: ['look-up-of-known-key'],
  },
  {
    issues: ['cert-manager 3777'],
    pattern: 'POST-as-GET of a challenge is taken for the response to it.',
    certManager: 'It reads a challenge before its solver is there, and the validation fails at once.',
    checks: ['reading-a-challenge-starts-nothing'],
  },
  {
    issues: ['cert-manager 5690'],
    pattern: `Retry-After asks for more than ${longRetryAfterSeconds / 3600} hour.`,
    certManager: 'It waits that long before it looks again: an issuance seems to hang for a day.',
    shows: ({ status, headers }) =>
      status !== null && status < 400 && Number(headers['retry-after']?.[0] ?? 0) > longRetryAfterSeconds,
  },
  {
    issues: ['cert-manager 5867'],
    pattern: 'Ordinary use meets 429.',
    certManager: 'It takes 429 for a permanent refusal: Challenge and Order end in an error and are not tried again.',
    shows: ({ status }) => status === 429,
  },
  {
    issues: ['cert-manager 5867', 'cert-manager 6106'],
    pattern: 'A refusal comes as HTML and not as a problem document.',
    certManager: 'It cannot read why, and reports the status and the beginning of the page.',
    shows: ({ status, headers }) =>
      status !== null && status >= 400 && /\bhtml\b/i.test(headers['content-type']?.[0] ?? ''),
  },
  {
    issues: ['cert-manager 7152'],
    pattern: 'A success has a body that is no JSON although its Content-Type says so.',
    certManager: 'It fails to read the answer and tries the whole step again.',
    shows: (exchange) => exchange.status === 200 && isJson(exchange) && isBroken(exchange),
  },
  {
    issues: ['cert-manager 4533'],
    pattern: 'A request about an order is answered 500.',
    certManager: 'It tries again with ever longer pauses, and the Order shows the error meanwhile.',
    shows: ({ status, method }, group) => group >= firstGroupOfOrders && status === 500 && method === 'POST',
  },
];

/** The patterns that the exchanges and verdicts of a run show, each once, with the first check that met it. */
export function fieldIncompatibilities(
  checks: readonly Pick<CheckResult, 'id' | 'group' | 'verdict' | 'exchanges'>[],
): readonly Incompatibility[] {
  return patterns.flatMap(({ checks: ids = [], shows = () => false, ...told }) => {
    const met = checks.find(
      ({ id, group, verdict, exchanges }) =>
        (ids.includes(id) && (verdict === 'failed' || verdict === 'warned')) ||
        exchanges.some((exchange) => shows(exchange, group)),
    );
    return met === undefined ? [] : [{ ...told, check: met.id }];
  });
}
