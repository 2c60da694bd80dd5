import { probeNames } from '../../evidence/probe-names.ts';
import { describeError, httpProbe } from '../../issuance/recorded-probe.ts';
import { type Check, failed, passed } from '../check.ts';

const asked = [
  { name: probeNames.withoutToken, what: 'without a token', status: 403 },
  { name: probeNames.withForeignToken, what: 'with a token that somebody else signed', status: 401 },
  { name: probeNames.withToken, what: 'with a token', status: 200 },
] as const;

/** What is left out for the challenge must not leave out the users. */
export const tokenIsDemanded: Check = {
  id: 'token-is-demanded',
  asserts:
    'The gateway answers a request for the application 403 without a token, 401 with one that somebody else signed, and 200 with the right one.',
  judge(evidence) {
    const defects = asked.flatMap(({ name, what, status }) => {
      const probe = httpProbe(evidence, name);
      if (probe === undefined) return [`The evidence has no HTTP probe "${name}".`];
      const { outcome, url } = probe;
      if ('error' in outcome) return [`The request ${url} ${what} failed: ${describeError(outcome)}.`];
      if (outcome.status !== status)
        return [`The request ${url} ${what} should have been answered ${status}, but was answered ${outcome.status}.`];
      return [];
    });
    if (defects.length > 0) return failed(defects.join(' '));
    return passed(asked.map(({ what, status }) => `A request ${what} was answered ${status}.`).join(' '));
  },
};
