import type { TlsSeriesProbe } from '../../evidence/evidence.ts';
import { probeNames } from '../../evidence/probe-names.ts';
import { tlsSeries } from '../../issuance/recorded-probe.ts';
import { type SecretLeaf, secretLeaves } from '../../issuance/secret-leaves.ts';
import { type Check, failed, passed } from '../check.ts';

const probeName = probeNames.handshakes;
/** On an idle machine a new leaf was served 153 to 182 ms after the Secret had it; the rest is for machines with other work. */
const servedWithinMs = 5_000;
/** On a machine where the client itself was held up, so was everything else. */
const pausesAllowed = 10;

/** What cert-manager stores, istiod sends and Envoy serves, by the clock of this machine alone. */
export const serialsFollowTheSecret: Check = {
  id: 'serials-follow-the-secret',
  asserts: `Each new leaf of the Secret was served within ${servedWithinMs / 1000} s (or ten times the client's own longest pause), and from then on no older one.`,
  judge(evidence) {
    const series = tlsSeries(evidence, probeName);
    if (series === undefined) return failed(`The evidence has no series of TLS connections "${probeName}".`);
    const begun = Date.parse(series.at);
    const leaves = secretLeaves(evidence);
    const renewed = leaves.filter(({ at }, index) => index > 0 && Date.parse(at) >= begun);
    if (renewed.length === 0) {
      return failed(
        `The Secret got no new leaf after the series of TLS connections had begun at ${series.at}; it had ${leaves.length} in all.`,
      );
    }
    const followed = renewed.map((leaf) => delayOf(leaf, leaves, series));
    const defects = followed.filter((delay) => typeof delay === 'string');
    if (defects.length > 0) return failed(defects.join(' '));
    const delays = followed.filter((delay) => typeof delay === 'number');
    const unseen = renewed.length - delays.length;
    const replaced = unseen === 0 ? '' : `; ${unseen} were replaced before they had to be served`;
    return passed(
      `The Secret got ${renewed.length} new leaf(s) while clients connected, and each was served to all of them after ${delays.join(', ')} ms${replaced}.`,
    );
  },
};

/**
 * How long after a leaf was in the Secret it was served to all that connected, in milliseconds; null for one that was replaced too soon;
 * or one sentence about what was served instead.
 */
function delayOf(
  { at, leaf }: SecretLeaf,
  leaves: readonly SecretLeaf[],
  { outcome }: TlsSeriesProbe,
): number | string | null {
  const stored = Date.parse(at);
  const withinMs = Math.max(servedWithinMs, outcome.longestPauseMs * pausesAllowed);
  const served = outcome.runs.flatMap((run) => ('error' in run ? [] : [run]));
  const first = served.find(({ fingerprintSha256 }) => fingerprintSha256 === leaf.fingerprintSha256);
  const index = leaves.findIndex(({ leaf: other }) => other.fingerprintSha256 === leaf.fingerprintSha256);
  const older = leaves.slice(0, index);
  const next = leaves[index + 1];
  const named = `The leaf ${leaf.serialNumber}, in the Secret since ${at},`;
  if (first === undefined) {
    // One that was replaced before it had to be served has no place in the series.
    if (next !== undefined && Date.parse(next.at) - stored < withinMs) return null;
    return `${named} was never served: clients met ${describe(outcome.leaves)}.`;
  }
  const lastOlder = served.findLast(({ fingerprintSha256 }) =>
    older.some(({ leaf: other }) => other.fingerprintSha256 === fingerprintSha256),
  );
  const began = Date.parse(first.since) - stored;
  const changed = Math.max(began, lastOlder === undefined ? began : Date.parse(lastOlder.until) - stored);
  if (began > withinMs) return `${named} was first served ${began} ms later, at ${first.since}.`;
  if (changed > withinMs) {
    return `${named} was served from ${first.since} on, but an older one still at ${lastOlder?.until}, ${changed} ms after the Secret had changed.`;
  }
  return Math.max(0, changed);
}

function describe(leaves: TlsSeriesProbe['outcome']['leaves']): string {
  return leaves.length === 0 ? 'no leaf' : leaves.map(({ serialNumber }) => serialNumber).join(', ');
}
