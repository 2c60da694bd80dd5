import { actionNames } from '../../evidence/action-names.ts';
import { probeNames } from '../../evidence/probe-names.ts';
import { tlsSeries } from '../../issuance/recorded-probe.ts';
import { type Check, failed, passed } from '../check.ts';

const probeName = probeNames.handshakes;
const leastConnections = 10;

/** istiod must not send what Envoy would reject, and Envoy must keep what it has. */
export const oldCertificateStaysServed: Check = {
  id: 'old-certificate-stays-served',
  asserts: 'While the Secret held something that cannot be served, every client was served the certificate of before.',
  judge(evidence) {
    const series = tlsSeries(evidence, probeName);
    if (series === undefined) return failed(`The evidence has no series of TLS connections "${probeName}".`);
    const made = evidence.actions.filter(({ name }) => name === actionNames.invalidSecret);
    if (made.length < 2)
      return failed('The evidence has no action by which the Secret became invalid, and good again.');
    const { runs, leaves, connections } = series.outcome;
    const [first] = leaves;
    if (first === undefined) return failed('No connection was served a certificate.');
    const defects = made.slice(0, -1).flatMap(({ at, detail }, index) => {
      const until = made[index + 1]?.at ?? at;
      const meanwhile = runs.filter((run) => run.since < until && run.until > at);
      const wrong = meanwhile.find((run) => 'error' in run || run.fingerprintSha256 !== first.fingerprintSha256);
      if (meanwhile.length === 0)
        return [`While the Secret had ${detail}, from ${at} to ${until}, no client connected.`];
      if (wrong === undefined) return [];
      const seen = 'error' in wrong ? wrong.error : `another certificate (${wrong.fingerprintSha256})`;
      return [
        `While the Secret had ${detail}, from ${at} to ${until}, ${wrong.count} client(s) from ${wrong.since} on met ${seen}.`,
      ];
    });
    if (defects.length > 0) return failed(defects.join(' '));
    if (connections < leastConnections * made.length)
      return failed(
        `Only ${connections} connections were made while the Secret was invalid in ${made.length - 1} ways.`,
      );
    return passed(
      `All clients were served ${first.serialNumber} while the Secret had ${made
        .slice(0, -1)
        .map(({ detail }) => detail)
        .join(', ')}.`,
    );
  },
};
