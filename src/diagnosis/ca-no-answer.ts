import { text } from '../issuance/recorded-object.ts';
import { quoted, type Rule, sentences } from './rule.ts';
import { type Situation, titleOf } from './situation.ts';

/** What cert-manager's controller writes before it tries again (pkg/controller/controller.go), and its error, as klog text or as JSON. */
const triedAgain = /re-queuing item due to error processing.*?"?err"?[=:]"((?:[^"\\]|\\.)*)"/;
/**
 * How cert-manager begins the error of an Order that it could not place (pkg/controller/acmeorders/sync.go). The name of neither the
 * Order nor its Certificate is in the line.
 */
export const orderNotPlaced = 'error creating new order';

/** An Order that never got to the CA. cert-manager tells the reason in its log alone. */
export const caNoAnswerRule: Rule = {
  id: 'ca-no-answer',
  recognizes: 'an Order that cannot be placed, because the CA of a registered account does not answer as a CA',
  look(situation) {
    const { order } = situation;
    if (order === null || situation.isIssued || text(order, 'status', 'state') !== null) return null;
    const error = errorOfOrder(situation, Date.parse(text(order, 'metadata', 'creationTimestamp') ?? ''));
    if (error === null) return null;
    const server = text(situation.issuer, 'spec', 'acme', 'server') ?? 'of the Issuer';
    return {
      verdict: `The Order has not been placed: cert-manager gets no answer to use from the CA at ${server} (${quoted(error)}).`,
      evidence: sentences(
        `${titleOf(order)} has no state.`,
        `${situation.issuerName} is Ready, as its account was registered before.`,
        `cert-manager's log says: ${quoted(error)}.`,
      ),
      remedy: `${remedyFor(error)} cert-manager tries again by itself, at longer and longer intervals.`,
      confidence: 'inferred',
    };
  },
};

/** The newest error since the Order's birth that is about placing an Order at its CA; null where there is none. */
function errorOfOrder(situation: Situation, since: number): string | null {
  const host = hostOf(text(situation.issuer, 'spec', 'acme', 'server'));
  const errors = situation.input.logs.flatMap(({ lines }) =>
    lines.flatMap((line) => {
      const error = triedAgain.exec(line)?.[1]?.replaceAll('\\"', '"');
      if (error === undefined || !error.startsWith(`${orderNotPlaced}: `)) return [];
      const at = timeOf(line, situation.now);
      if (at !== null && at < since) return [];
      // The line does not name its Order. An error of the connection names the CA.
      const url = /"(https?:\/\/[^"]+)"/.exec(error)?.[1] ?? null;
      return url === null || hostOf(url) === host ? [error.slice(orderNotPlaced.length + 2)] : [];
    }),
  );
  return errors.at(-1) ?? null;
}

/** The time of a line: klog writes no year (E1128 10:33:53.858537), and JSON has seconds or milliseconds since 1970. */
function timeOf(line: string, now: number): number | null {
  const stamp = /"ts":(\d+(?:\.\d+)?)/.exec(line)?.[1];
  if (stamp !== undefined) return Number(stamp) > 1e11 ? Number(stamp) : Number(stamp) * 1000;
  const [, month, day, time] = /^[EWIF](\d\d)(\d\d) (\d\d:\d\d:\d\d\.\d+)/.exec(line) ?? [];
  if (month === undefined) return null;
  const thisYear = new Date(now).getUTCFullYear();
  const times = [thisYear, thisYear - 1].map((year) => Date.parse(`${year}-${month}-${day}T${time?.slice(0, 12)}Z`));
  return times.find((at) => at <= now + oneDayMs) ?? null;
}

/** A controller may write local time. */
const oneDayMs = 86_400_000;

function hostOf(url: string | null): string | null {
  return url !== null && URL.canParse(url) ? new URL(url).host : null;
}

function remedyFor(error: string): string {
  if (/x509:|certificate signed by unknown authority|failed to verify certificate/i.test(error))
    return /expired|not yet valid|is valid for|not valid for any names/i.test(error)
      ? "Give the CA's server a certificate that is valid now and for the name in spec.acme.server."
      : "Set spec.acme.caBundle to the root of the server's own certificate, which may have changed.";
  if (/^[45]\d\d\b/.test(error)) return 'The CA itself fails: see its status page or its log.';
  return "See whether the CA runs, and the way to it from cert-manager's Pods: DNS, proxy, NetworkPolicy, egress rules of the mesh.";
}
