import type { Exchange } from '../client/exchange.ts';
import type { CheckResult } from './conformance.ts';

/** How a client ended, as in docs/clients.md. */
export type Reaction = 'issues' | 'takes it' | 'fails clearly' | 'fails unclearly' | 'hangs';

type ClientReactions = Readonly<Record<'lego' | 'acmez' | 'certbot', Reaction>>;

/** A disagreement between CAs and clients that was reported from the field. */
interface Pattern {
  /** Where it was reported: `cert-manager 5690`, an issue of its repository, or `golang/go 73504`. */
  readonly issues: readonly string[];
  /** What the CA does, in one sentence. */
  readonly pattern: string;
  /** How cert-manager reacts. */
  readonly certManager: string;
  /** The deviation or behaviour that stages it for an ordinary issuance; left out if none can. */
  readonly staged?: string;
  /** What other clients did against `staged`: a test compares it with docs/clients.json. */
  readonly others?: ClientReactions;
  /** The ids of checks that show it when they do not pass. */
  readonly checks?: readonly string[];
  /** Whether one exchange shows it. */
  readonly shows?: (exchange: Exchange, group: number) => boolean;
}

/** One of the patterns, met at this CA. */
export interface Incompatibility {
  readonly issues: readonly string[];
  readonly pattern: string;
  readonly certManager: string;
  /** What other clients did when it was staged for an ordinary issuance; empty if that was not possible. */
  readonly clients: readonly { readonly client: string; readonly reaction: string }[];
  /** The check that met it. */
  readonly check: string;
}

/** A longer wait is too long for a client. */
const longRetryAfterSeconds = 3600;

/** Checks of earlier groups send faulty requests, which may confuse a server. */
const firstGroupOfOrders = 20;

/** POST-as-GET (RFC 8555 section 6.3): such a request cannot be at fault itself. */
const isRead = (sent: unknown) => (sent as { readonly payload?: unknown } | null)?.payload === '';

const isJson = ({ headers }: Exchange) => /\bjson\b/i.test(headers['content-type']?.[0] ?? '');

function isBroken({ body }: Exchange): boolean {
  // The record has only the beginning of a long body.
  if (body === '' || body.length >= 4096) return false;
  try {
    JSON.parse(body);
    return false;
  } catch {
    return true;
  }
}

/** The catalogue of field incompatibilities. cert-manager's reactions are as its issues describe them. */
const patterns: readonly Pattern[] = [
  {
    issues: ['cert-manager 7388', 'cert-manager 5987', 'cert-manager 7830'],
    pattern: 'A look-up of an account that is there is refused, as it has no external account binding.',
    certManager:
      'It continues without the URL of its account, and its orders are refused because they lack a key identifier.',
    checks: ['look-up-of-known-key'],
  },
  {
    issues: ['cert-manager 3777'],
    pattern: 'POST-as-GET of a challenge is taken for the response to it.',
    certManager: 'It reads a challenge before its solver is there, and the validation fails at once.',
    checks: ['reading-a-challenge-starts-nothing'],
    staged: 'reading-starts-validation',
    others: { lego: 'issues', acmez: 'issues', certbot: 'issues' },
  },
  {
    issues: ['cert-manager 5690'],
    pattern: `Retry-After asks for more than ${longRetryAfterSeconds / 3600} hour.`,
    certManager: 'It waits that long before it looks again: an issuance seems to hang for a day.',
    // Renewal information (RFC 9773) is read by GET, and hours are usual for it.
    shows: ({ method, status, headers }) =>
      method === 'POST' &&
      status !== null &&
      status < 400 &&
      Number(headers['retry-after']?.[0] ?? 0) > longRetryAfterSeconds,
    staged: 'field-retry-after-a-day',
    others: { lego: 'issues', acmez: 'hangs', certbot: 'issues' },
  },
  {
    issues: ['cert-manager 5867'],
    pattern: 'Ordinary use meets 429.',
    certManager: 'It takes 429 for a permanent refusal: Challenge and Order end in an error and are not tried again.',
    shows: ({ status }) => status === 429,
    staged: 'field-one-429',
    others: { lego: 'fails clearly', acmez: 'fails clearly', certbot: 'fails clearly' },
  },
  {
    issues: ['cert-manager 5867', 'cert-manager 6106'],
    pattern: 'A refusal comes as HTML and not as a problem document.',
    certManager: 'It cannot read why, and reports the status and the beginning of the page.',
    shows: ({ status, headers }) =>
      status !== null && status >= 400 && /\bhtml\b/i.test(headers['content-type']?.[0] ?? ''),
    staged: 'field-html-refusal',
    others: { lego: 'fails clearly', acmez: 'fails clearly', certbot: 'fails clearly' },
  },
  {
    issues: ['cert-manager 7152'],
    pattern: 'A success has a body that is not JSON, despite its Content-Type.',
    certManager: 'It fails to read the answer and tries the whole step again.',
    shows: (exchange) => exchange.status === 200 && isJson(exchange) && isBroken(exchange),
    staged: 'field-body-cut-short',
    others: { lego: 'fails clearly', acmez: 'fails clearly', certbot: 'fails unclearly' },
  },
  {
    issues: ['golang/go 73504'],
    pattern: 'The answer to finalize has no Location.',
    certManager:
      'The ACME client of Go, which it uses, polls that URL while the order is processing, and fails where it is absent.',
    checks: ['finalize-answer-has-location'],
    staged: 'finalize-without-location',
    others: { lego: 'issues', acmez: 'issues', certbot: 'issues' },
  },
  {
    issues: ['cert-manager 3092', 'cert-manager 7536'],
    pattern: 'An order with notAfter alone is refused, or its date is not kept.',
    certManager:
      'With enableDurationFeature it sends notAfter alone: the Order fails, or the certificate lives for another time.',
    checks: ['not-after-alone'],
  },
  {
    issues: ['cert-manager 7889'],
    pattern: 'A name that a CSR has as its common name alone is not taken for a name of the order.',
    certManager: 'It refuses a request whose common name is not among its DNS names before it asks the CA.',
    checks: ['name-in-common-name-only'],
  },
  {
    issues: ['cert-manager 2868', 'cert-manager 5602'],
    pattern: 'An order stays pending although all its authorizations are valid.',
    certManager: 'Its Order stays pending with it.',
    checks: ['order-becomes-ready'],
    staged: 'field-order-stays-pending',
    others: { lego: 'issues', acmez: 'issues', certbot: 'issues' },
  },
  {
    issues: ['cert-manager 5062'],
    pattern: 'An order that is processing does not say when to come back.',
    certManager: 'A slow issuance was seen not to be read again.',
    checks: ['processing-says-when-to-come-back'],
    staged: 'processing-without-retry-after',
    others: { lego: 'issues', acmez: 'issues', certbot: 'issues' },
  },
  {
    issues: ['cert-manager 4441'],
    pattern: 'finalize of an order that is valid already is not refused as orderNotReady.',
    certManager: 'It reads the order again only where the type is orderNotReady; else the Order ends in an error.',
    checks: ['finalize-of-valid-order'],
  },
  {
    issues: ['cert-manager 7493'],
    pattern: 'finalize is refused, and a certificate is issued nevertheless.',
    certManager: 'It takes the refusal for the end of the Order, and orders anew.',
    checks: ['refused-csr-issues-nothing'],
    staged: 'field-refused-and-issued',
    others: { lego: 'fails clearly', acmez: 'fails clearly', certbot: 'fails clearly' },
  },
  {
    issues: ['cert-manager 4096'],
    pattern: 'The chain lacks the certificate that issued the one before it.',
    certManager: 'It stores the chain as it is, and leaves ca.crt empty.',
    checks: ['chain-has-the-issuer'],
    staged: 'chain-without-issuer',
    others: { lego: 'takes it', acmez: 'takes it', certbot: 'fails clearly' },
  },
  {
    issues: ['cert-manager 4533'],
    pattern: 'The read of an order is answered 500.',
    certManager: 'It tries again with ever longer pauses, and the Order shows the error meanwhile.',
    shows: ({ status, sent }, group) => group >= firstGroupOfOrders && status === 500 && isRead(sent),
    staged: 'field-reads-fail-once',
    others: { lego: 'fails clearly', acmez: 'issues', certbot: 'fails clearly' },
  },
];

/** What is staged for clients, and what they did. */
export const stagedPatterns: readonly { readonly staged: string; readonly others: ClientReactions }[] =
  patterns.flatMap(({ staged, others }) => (staged === undefined || others === undefined ? [] : [{ staged, others }]));

/** The ids of all checks that show a pattern. */
export const checksOfPatterns: readonly string[] = patterns.flatMap(({ checks = [] }) => checks);

/** The patterns that exchanges and verdicts of a run show, each once, with the first check that showed it. */
export function fieldIncompatibilities(
  checks: readonly (Pick<CheckResult, 'id' | 'group' | 'verdict'> & { readonly exchanges: readonly Exchange[] })[],
): readonly Incompatibility[] {
  return patterns.flatMap(({ checks: ids = [], shows = () => false, issues, pattern, certManager, others = {} }) => {
    const met = checks.find(
      ({ id, group, verdict, exchanges }) =>
        (ids.includes(id) && (verdict === 'failed' || verdict === 'warned')) ||
        exchanges.some((exchange) => shows(exchange, group)),
    );
    return met === undefined ? [] : [{ issues, pattern, certManager, clients: reactions(others), check: met.id }];
  });
}

function reactions(others: Partial<ClientReactions>): Incompatibility['clients'] {
  return Object.entries(others).map(([client, reaction]) => ({ client, reaction }));
}

/** What other clients do, in one sentence; empty if that is not known. */
export function clientsInWords(clients: Incompatibility['clients'] = []): string {
  if (clients.length === 0) return '';
  return `In an ordinary issuance, ${clients.map(({ client, reaction }) => `${client} ${reaction}`).join(', ')}.`;
}
