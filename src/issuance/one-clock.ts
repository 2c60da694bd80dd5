import type { AccessLogEntry, Evidence, HttpProbe } from '../evidence/evidence.ts';

/** Evidence whose times all come from the clock of the machine Padlock ran on, and how that came about. */
export interface OneClock {
  readonly evidence: Evidence;
  /** A sentence for each other clock that the evidence has times of. */
  readonly clocks: readonly string[];
}

/** The access log and the times of probes have milliseconds, cut off and not rounded. */
const resolutionMs = 1;

/**
 * Takes the offset of the gateway's clock off the times of its access log.
 *
 * A probe of our own that the access log shows began at the gateway after it was sent and before it was answered, which
 * bounds the offset from both sides; the bounds of all such probes are intersected (as in NTP's clock filter, RFC 5905
 * section 10, though for a constant offset). An offset of 0 within the bounds is left alone. Where no probe can be
 * matched the times stay as they are, and the sentence says so. Watches need nothing: their times are those of arrival.
 */
export function onOneClock(evidence: Evidence): OneClock {
  const watches = "Times of objects are when their watch event arrived, on this machine's clock.";
  const caLog = evidence.ca.log.length === 0 ? [] : ["The CA's log has whole seconds, so its times are not used."];
  const gateway = gatewayOffset(evidence);
  const clocks = [watches, ...caLog, gateway.sentence];
  if (gateway.offsetMs === 0) return { evidence, clocks };
  const accessLog = evidence.accessLog.map((entry) => ({
    ...entry,
    at: new Date(Date.parse(entry.at) - gateway.offsetMs).toISOString(),
  }));
  return { evidence: { ...evidence, accessLog }, clocks };
}

function gatewayOffset(evidence: Evidence): { offsetMs: number; sentence: string } {
  if (evidence.accessLog.length === 0) return { offsetMs: 0, sentence: 'The gateway logged no request.' };
  const probed = evidence.probes.filter((probe) => probe.kind === 'http');
  const bounds = probed.flatMap((probe) => boundsOf(probe, probed, evidence.accessLog));
  if (bounds.length === 0) {
    return {
      offsetMs: 0,
      sentence:
        "The access log shows none of our probes, so the gateway's clock is assumed to agree with this machine's.",
    };
  }
  const lowest = Math.max(...bounds.map(({ from }) => from));
  const highest = Math.min(...bounds.map(({ to }) => to));
  const probes = `${bounds.length} of our probes`;
  if (lowest > highest) {
    return {
      offsetMs: 0,
      sentence: `${probes} contradict each other about the gateway's clock, so it was probably set meanwhile; its times are not corrected.`,
    };
  }
  if (lowest <= 0 && highest >= 0) {
    return {
      offsetMs: 0,
      sentence: `The gateway's clock agrees with this machine's: its offset is ${lowest} to ${highest} ms (from ${probes}).`,
    };
  }
  const offsetMs = Math.round((lowest + highest) / 2);
  const [direction, least, most] = offsetMs > 0 ? ['ahead of', lowest, highest] : ['behind', -highest, -lowest];
  return {
    offsetMs,
    sentence: `The gateway's clock is ${Math.abs(offsetMs)} ms ${direction} this machine's (${least} to ${most} ms from ${probes}); its times are corrected.`,
  };
}

/**
 * Between which values the gateway's clock minus ours lies, by one probe; nothing where it was not answered, or where it
 * is not known which entry of the log is its own, since more than one probe or entry has its host and path.
 */
function boundsOf(
  probe: HttpProbe,
  all: readonly HttpProbe[],
  log: readonly AccessLogEntry[],
): readonly { from: number; to: number }[] {
  const target = targetOf(probe);
  if ('error' in probe.outcome || target === null) return [];
  const entries = log.filter(({ path, authority }) => `${authority}${path}` === target);
  const [entry] = entries;
  const isAlone = entries.length === 1 && all.filter((each) => targetOf(each) === target).length === 1;
  if (entry === undefined || !isAlone) return [];
  const logged = Date.parse(entry.at);
  const sent = Date.parse(probe.at);
  return [
    {
      from: Math.floor(logged - (sent + resolutionMs + probe.durationMs)),
      to: logged + resolutionMs - sent,
    },
  ];
}

/** Host and path of a probe as the access log has them, or null if its URL is invalid. */
function targetOf({ url }: HttpProbe): string | null {
  const parsed = URL.parse(url);
  return parsed === null ? null : `${parsed.host}${parsed.pathname}${parsed.search}`;
}
