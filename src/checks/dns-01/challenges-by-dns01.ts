import { txtProbeName } from '../../evidence/probe-names.ts';
import { field, lastLivingState, nameOf, text } from '../../issuance/recorded-object.ts';
import { type Check, failed, passed } from '../check.ts';
import { withoutChallenge } from '../without-challenge.ts';

/** RFC 8555 section 8.4; section 7.1.4 for the wildcard, whose authorization names the base domain. */
export const challengesByDns01: Check = {
  id: 'challenges-by-dns01',
  asserts:
    'Each name was validated by its own DNS-01 Challenge, a wildcard by a wildcard Challenge, and no TXT record remained.',
  judge(evidence, issuance) {
    const { certificate, challenges } = issuance;
    if (certificate === undefined || challenges.length === 0) return withoutChallenge(evidence, issuance);
    const spec = field(lastLivingState(certificate)?.object, 'spec', 'dnsNames');
    const names = Array.isArray(spec) ? spec.map(String) : [];
    const defects: string[] = [];
    for (const name of names) {
      const base = name.replace(/^\*\./, '');
      const isWildcard = base !== name;
      const own = challenges.filter(
        ({ history, dnsName }) =>
          dnsName === base && (field(lastLivingState(history)?.object, 'spec', 'wildcard') === true) === isWildcard,
      );
      if (own.length === 0) defects.push(`No Challenge for ${name} was recorded.`);
      for (const { history } of own) {
        const object = lastLivingState(history)?.object;
        const type = text(object, 'spec', 'type');
        const state = text(object, 'status', 'state');
        if (type !== 'DNS-01')
          defects.push(
            `${nameOf(history)} should be of type DNS-01, but ${type === null ? 'has no type' : `is ${type}`}.`,
          );
        if (state !== 'valid')
          defects.push(`${nameOf(history)} should be valid, but ${state === null ? 'has no state' : `is ${state}`}.`);
      }
    }
    for (const base of new Set(names.map((name) => name.replace(/^\*\./, '')))) {
      const probe = evidence.probes.find((one) => one.kind === 'dns' && one.name === txtProbeName(base));
      if (probe?.kind !== 'dns') defects.push(`The evidence has no DNS probe for leftover TXT records of ${base}.`);
      else if ('records' in probe.outcome && probe.outcome.records.length > 0)
        defects.push(`${probe.host} still has ${probe.outcome.records.length} TXT record(s).`);
      else if ('error' in probe.outcome && !absentCodes.includes(probe.outcome.code ?? ''))
        defects.push(`The TXT records of ${probe.host} could not be looked up: ${probe.outcome.error}.`);
    }
    if (defects.length > 0) return failed(defects.join(' '));
    return passed(`${names.join(', ')}: each validated by DNS-01, and no TXT record remains.`);
  },
};

/** Node's names for NXDOMAIN and for an empty answer. */
const absentCodes: readonly string[] = ['ENOTFOUND', 'ENODATA'];
