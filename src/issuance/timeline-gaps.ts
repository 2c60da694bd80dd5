import type { Evidence } from '../evidence/evidence.ts';
import { formatDuration } from './duration.ts';
import type { RecordedChallenge } from './issuance.ts';
import { firstAt, isFromCa, isSelfCheck, isValid, type Moment, type TimedRequest } from './issuance-moments.ts';
import { text } from './recorded-object.ts';
import type { Timeline } from './timeline-event.ts';

/** How long cert-manager's challenges controller waits after a failed self-check. */
const selfCheckBackOffMs = 10_000;
/** A shorter stretch is work and not a wait. */
const shortestGapMs = 500;

/** The stretches in which nothing but a known wait went on. */
export function gapsOf(
  evidence: Evidence,
  challenge: RecordedChallenge,
  requests: readonly TimedRequest[],
): Timeline['gaps'] {
  const checks = requests.filter(({ entry }) => isSelfCheck(entry));
  const gaps: { from: number; to: number; why: string }[] = [];
  const [first] = checks;
  const refused = failedUnseen(challenge, first?.start);
  if (first !== undefined && refused !== undefined) {
    const why = `a self-check failed (${refused.reason}); cert-manager repeats a failed one after ${formatDuration(selfCheckBackOffMs)}`;
    gaps.push({ from: refused.at, to: first.start, why });
  }
  for (const [index, check] of checks.entries()) {
    const next = checks[index + 1];
    if (next === undefined || check.bySolver) continue;
    const why = `a self-check got ${check.entry.status}; cert-manager repeats a failed one after ${formatDuration(selfCheckBackOffMs)}`;
    gaps.push({ from: check.end, to: next.start, why });
  }
  const passes = checks.filter(({ bySolver }) => bySolver);
  const [firstPass] = passes;
  const lastPass = passes.at(-1);
  if (firstPass !== undefined && lastPass !== undefined && lastPass !== firstPass) {
    const why = `${passes.length} passes of the self-check: cert-manager wants five in a row, 2 s apart`;
    gaps.push({ from: firstPass.end, to: lastPass.start, why });
  }
  const validated = requests.filter(({ entry, bySolver }) => bySolver && isFromCa(entry, evidence.ca.userAgent)).at(-1);
  const valid = firstAt(challenge.history, isValid);
  if (validated !== undefined && valid !== undefined) {
    const why =
      'the CA had its answer; cert-manager asks for the authorization again after the Retry-After it was told';
    gaps.push({ from: validated.end, to: valid, why });
  }
  return gaps
    .filter(({ from, to }) => to - from >= shortestGapMs)
    .map(({ from, to, why }) => ({ at: new Date(from).toISOString(), durationMs: to - from, why }));
}

/** A self-check that failed before any reached the gateway: only the Challenge tells of it. */
function failedUnseen(
  { history }: RecordedChallenge,
  firstRequest: Moment,
): { at: number; reason: string } | undefined {
  const state = history.states.find(({ object }) =>
    /^Waiting for .* propagation:/.test(text(object, 'status', 'reason') ?? ''),
  );
  if (state === undefined || (firstRequest !== undefined && Date.parse(state.at) >= firstRequest)) return undefined;
  const reason = (text(state.object, 'status', 'reason') ?? '').replace(/^Waiting for .* propagation:\s*/, '');
  return { at: Date.parse(state.at), reason };
}
