import { probeNames } from '../../evidence/probe-names.ts';
import { lastLivingState, nameOf, text } from '../../issuance/recorded-object.ts';
import { type Check, failed, passed } from '../check.ts';

/**
 * A name with a CNAME has no other record (RFC 1034 section 3.6.2), so a TXT record at the name itself cannot have validated it:
 * cert-manager must have followed the alias.
 */
export const challengeWasDelegated: Check = {
  id: 'challenge-was-delegated',
  asserts:
    "The name of the Challenge's TXT record is a CNAME, the solver has cnameStrategy Follow, and the Order became valid.",
  judge(evidence, { challenges, orders }) {
    const probe = evidence.probes.find((each) => each.kind === 'dns' && each.name === probeNames.challengeAlias);
    if (probe?.kind !== 'dns') return failed(`The evidence has no DNS probe "${probeNames.challengeAlias}".`);
    const target = 'records' in probe.outcome ? probe.outcome.records[0] : undefined;
    if (target === undefined) return failed(`${probe.host} has no CNAME.`);
    const delegated = challenges.filter(({ dnsName }) => probe.host === `_acme-challenge.${dnsName}`);
    if (delegated.length === 0) return failed(`No Challenge for the name of ${probe.host} was recorded.`);
    const undone = orders.find(({ history }) => text(lastLivingState(history)?.object, 'status', 'state') !== 'valid');
    if (undone !== undefined || orders.length === 0)
      return failed(
        `Every Order should be valid, but ${undone === undefined ? 'there is none' : `${nameOf(undone.history)} is not`}.`,
      );
    for (const { history } of delegated) {
      const object = lastLivingState(history)?.object;
      const strategy = text(object, 'spec', 'solver', 'dns01', 'cnameStrategy');
      if (strategy !== 'Follow')
        return failed(`${nameOf(history)} has the cnameStrategy ${strategy ?? 'None'}, not Follow.`);
    }
    return passed(
      `${probe.host} leads to ${target}, and ${delegated.map(({ history }) => nameOf(history)).join(', ')} was solved by the record there.`,
    );
  },
};
