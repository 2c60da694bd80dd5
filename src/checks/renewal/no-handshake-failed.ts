import { probeNames } from '../../evidence/probe-names.ts';
import { formatDuration } from '../../issuance/duration.ts';
import { tlsSeries } from '../../issuance/recorded-probe.ts';
import { type Check, failed, passed } from '../check.ts';

const probeName = probeNames.handshakes;
/** A busy machine connects less often than every 20 ms; a client that hardly did has seen too little. */
const leastPerSecond = 2;
const shownRuns = 3;

/** What clients meet while certificates change: every connection, and not only one before and one after. */
export const noHandshakeFailed: Check = {
  id: 'no-handshake-failed',
  asserts:
    'Of the TLS connections that a client tried to make every 20 ms, none failed, and each was served a trusted certificate.',
  judge(evidence) {
    const series = tlsSeries(evidence, probeName);
    if (series === undefined) return failed(`The evidence has no series of TLS connections "${probeName}".`);
    const { connections, failed: failures, longestPauseMs, handshakeMs, runs } = series.outcome;
    const made = `${connections} connections to ${series.address}:${series.port} for ${series.serverName} in ${formatDuration(series.durationMs)}`;
    const perSecond = (connections * 1000) / series.durationMs;
    if (perSecond < leastPerSecond) {
      return failed(
        `The client made only ${made}, fewer than ${leastPerSecond} a second; it saw too little to say that none would have failed.`,
      );
    }
    if (failures > 0) {
      const failedRuns = runs.flatMap((run) => ('error' in run ? [run] : []));
      const shown = failedRuns.slice(0, shownRuns).map(({ since, until, count, error, code }) => {
        const when = count === 1 ? `at ${since}` : `${count} times from ${since} to ${until}`;
        return `${code === null ? error : `${error} (${code})`} ${when}`;
      });
      const more = failedRuns.length > shownRuns ? `; and ${failedRuns.length - shownRuns} more` : '';
      return failed(`${failures} of ${made} failed: ${shown.join('; ')}${more}.`);
    }
    return passed(
      `None of ${made} failed. A handshake took ${handshakeMs?.median} ms (median), ${handshakeMs?.p99} ms (99 of 100), ${handshakeMs?.longest} ms at the longest; the longest pause between two was ${longestPauseMs} ms.`,
    );
  },
};
