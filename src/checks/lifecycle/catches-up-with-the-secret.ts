import { actionNames } from '../../evidence/action-names.ts';
import { probeNames } from '../../evidence/probe-names.ts';
import { tlsSeries } from '../../issuance/recorded-probe.ts';
import { secretLeaves } from '../../issuance/secret-leaves.ts';
import { type Check, failed, passed } from '../check.ts';

const probeName = probeNames.handshakes;
/** A gateway that lost istiod tries again with growing pauses of up to 30 s. */
const caughtUpWithinMs = 90_000;

/** A gateway goes on without istiod with what it has, and must take what it missed once istiod is back. */
export const catchesUpWithTheSecret: Check = {
  id: 'catches-up-with-the-secret',
  asserts: `While istiod was away, the gateway served the certificate of before; at most ${caughtUpWithinMs / 1000} s after it was back, it served the new one.`,
  judge(evidence) {
    const series = tlsSeries(evidence, probeName);
    if (series === undefined) return failed(`The evidence has no series of TLS connections "${probeName}".`);
    const [stopped, started] = ['stopped', 'started'].map((what) =>
      evidence.actions.find(({ name, detail }) => name === actionNames.component && detail.endsWith(` ${what}`)),
    );
    if (stopped === undefined || started === undefined)
      return failed('The evidence has no action by which istiod was stopped and started again.');
    const renewed = secretLeaves(evidence).find(({ at }) => at > stopped.at && at < started.at);
    if (renewed === undefined)
      return failed(`The Secret got no new leaf between ${stopped.at} and ${started.at}, while istiod was away.`);
    const { fingerprintSha256, serialNumber } = renewed.leaf;
    const served = series.outcome.runs.flatMap((run) => ('error' in run ? [] : [run]));
    const first = served.find((run) => run.fingerprintSha256 === fingerprintSha256);
    if (first === undefined)
      return failed(`The leaf ${serialNumber} was never served, though istiod was back at ${started.at}.`);
    if (first.since < started.at && first.since < stopped.at)
      return failed(
        `The leaf ${serialNumber} was served at ${first.since}, before istiod was stopped: it proves nothing.`,
      );
    const lateMs = Date.parse(first.since) - Date.parse(started.at);
    if (lateMs > caughtUpWithinMs)
      return failed(`The leaf ${serialNumber} was first served ${(lateMs / 1000).toFixed(1)} s after istiod was back.`);
    const after = served.find((run) => run.since > first.since && run.fingerprintSha256 !== fingerprintSha256);
    if (after !== undefined) return failed(`An older leaf was served again from ${after.since} on.`);
    return passed(
      `istiod was away from ${stopped.at} to ${started.at}; the Secret got the leaf ${serialNumber} meanwhile, and clients were served it ${lateMs <= 0 ? 'as soon as istiod was back' : `${(lateMs / 1000).toFixed(1)} s after istiod was back`}.`,
    );
  },
};
