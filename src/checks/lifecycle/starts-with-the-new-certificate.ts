import { actionNames } from '../../evidence/action-names.ts';
import { probeNames } from '../../evidence/probe-names.ts';
import { tlsSeries } from '../../issuance/recorded-probe.ts';
import { secretLeaves } from '../../issuance/secret-leaves.ts';
import { type Check, failed, passed } from '../check.ts';

const probeName = probeNames.handshakes;

/** A gateway has no certificate of its own when it starts: it must wait for that of the Secret, and not find an old one. */
export const startsWithTheNewCertificate: Check = {
  id: 'starts-with-the-new-certificate',
  asserts:
    'While the gateway was stopped nobody was served and the Secret got a new leaf; once it was started, no client was served the leaf of before.',
  judge(evidence) {
    const series = tlsSeries(evidence, probeName);
    if (series === undefined) return failed(`The evidence has no series of TLS connections "${probeName}".`);
    const { namespace, name: service } = evidence.subject.gateway;
    const [stopped, started] = ['stopped', 'started'].map((what) =>
      evidence.actions.find(
        ({ name, detail }) => name === actionNames.component && detail === `${namespace}/${service} ${what}`,
      ),
    );
    if (stopped === undefined || started === undefined)
      return failed(`The evidence has no action by which ${namespace}/${service} was stopped and started again.`);
    const renewed = secretLeaves(evidence).find(({ at }) => at > stopped.at && at < started.at);
    if (renewed === undefined)
      return failed(
        `The Secret got no new leaf between ${stopped.at} and ${started.at}, while the gateway was stopped.`,
      );
    const { fingerprintSha256, serialNumber } = renewed.leaf;
    const { runs } = series.outcome;
    const served = runs.flatMap((run) => ('error' in run ? [] : [run]));
    if (!served.some(({ since }) => since < stopped.at))
      return failed('No client was served a certificate before the gateway was stopped: it proves nothing.');
    // A run that began before the stop ends with the connections that were begun by then.
    const after = served.filter(({ since }) => since >= stopped.at);
    const [first] = after;
    if (first === undefined)
      return failed(`No client was served a certificate after the gateway was started at ${started.at}.`);
    const old = after.find((run) => run.fingerprintSha256 !== fingerprintSha256);
    if (old !== undefined)
      return failed(`${old.count} client(s) from ${old.since} on were served an older leaf than ${serialNumber}.`);
    const refused = runs.flatMap((run) =>
      'error' in run && run.since >= stopped.at && run.since < first.since ? [run.count] : [],
    );
    return passed(
      `The gateway was stopped at ${stopped.at}; ${refused.reduce((sum, count) => sum + count, 0)} connections failed, and from ${first.since} on every client was served the new leaf ${serialNumber}.`,
    );
  },
};
