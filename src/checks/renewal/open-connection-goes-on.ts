import { probeNames } from '../../evidence/probe-names.ts';
import { formatDuration } from '../../issuance/duration.ts';
import { describeError, openConnection } from '../../issuance/recorded-probe.ts';
import { secretLeaves } from '../../issuance/secret-leaves.ts';
import { type Check, failed, passed } from '../check.ts';

const probeName = probeNames.openConnection;

/** A renewal replaces the certificate of new connections; those that are open keep theirs (RFC 8446 has no renegotiation). */
export const openConnectionGoesOn: Check = {
  id: 'open-connection-goes-on',
  asserts:
    'An HTTP/2 connection that was opened before the certificate changed stayed open, and every request on it was answered.',
  judge(evidence) {
    const probe = openConnection(evidence, probeName);
    if (probe === undefined) return failed(`The evidence has no open connection "${probeName}".`);
    const { outcome } = probe;
    if ('error' in outcome)
      return failed(`The connection to ${probe.url} could not be opened: ${describeError(outcome)}.`);
    const { leaf, requests, runs, closed } = outcome;
    const defects = [
      ...(closed === null ? [] : [`The connection to ${probe.url} was ended at ${closed.at}: ${closed.how}.`]),
      ...runs.flatMap((run) =>
        'error' in run ? `${run.count} request(s) on it from ${run.since} on failed: ${describeError(run)}.` : [],
      ),
    ];
    // Any answer proves the connection; its status is that of the application behind the gateway.
    const others = runs.flatMap((run) =>
      'error' in run || run.status === 200 ? [] : `${run.count} with ${run.status}`,
    );
    const last = runs.at(-1)?.until ?? probe.at;
    const later = secretLeaves(evidence).filter(
      (one) => one.leaf.fingerprintSha256 !== leaf.fingerprintSha256 && probe.at < one.at && one.at < last,
    );
    if (defects.length === 0 && later.length === 0)
      defects.push(`The certificate did not change while the connection was open, from ${probe.at} to ${last}.`);
    if (defects.length > 0) return failed(defects.join(' '));
    return passed(
      `One HTTP/2 connection stayed open for ${formatDuration(probe.durationMs)}, while the Secret got ${later.length} new leaf(s): all ${requests} requests on it were answered${others.length === 0 ? '' : `, ${others.join(', ')}`}.`,
    );
  },
};
