import { actionNames } from '../../evidence/action-names.ts';
import { nameOf, text } from '../../issuance/recorded-object.ts';
import { secretLeaves } from '../../issuance/secret-leaves.ts';
import { type Check, failed, passed } from '../check.ts';

const information = ['status', 'acme', 'ari'] as const;
/** What the front before the CA says of a request that it answered itself. */
const answeredByFront = /\bGET \S*renewalInfo\S* -> (\d{3})$/i;
/** RFC 9773 section 4.3.2: a client waits at least a minute. */
const shortestPauseMs = 60_000;
/** An update of the Certificate that was lost to another one makes cert-manager ask again. */
const mostRequestsPerLeaf = 10;

/** A CA that cannot say when to renew (RFC 9773 section 4.3.3) must neither be asked in a loop nor stay unnoticed. */
export const renewalInformationWasRefused: Check = {
  id: 'renewal-information-was-refused',
  asserts:
    'cert-manager asked the CA when to renew, was refused, showed that in the Certificate, and set its next question a minute later or more.',
  judge({ actions, ca, ...evidence }, { certificate }) {
    const told = actions.find(({ name }) => name === actionNames.renewalInfoAnswers);
    if (told === undefined) return failed('The evidence has no action by which the CA began to refuse.');
    if (certificate === undefined) return failed('No Certificate was recorded.');
    const statuses = ca.log.flatMap(({ line }) => answeredByFront.exec(line.trim())?.[1] ?? []);
    const refused = statuses.filter((status) => status === told.detail).length;
    if (refused === 0)
      return failed(`The CA was not asked when to renew: its log has no such request with status ${told.detail}.`);
    const shown = certificate.states.find(({ object }) => text(object, ...information, 'lastError') !== null);
    if (shown === undefined) return failed(`${nameOf(certificate)} does not show that the CA refused.`);
    const error = text(shown.object, ...information, 'lastError') ?? '';
    if (!error.includes(told.detail))
      return failed(`The CA refused with ${told.detail}, but ${nameOf(certificate)} shows: ${error}.`);
    const [checked, next] = ['lastChecked', 'nextCheck'].map((name) =>
      Date.parse(text(shown.object, ...information, name) ?? ''),
    );
    const pauseMs = Number(next) - Number(checked);
    if (!(pauseMs >= shortestPauseMs))
      return failed(
        `${nameOf(certificate)} says that the CA is asked again ${Number.isNaN(pauseMs) ? 'at no time' : `after ${pauseMs / 1000} s`}.`,
      );
    const leaves = Math.max(1, secretLeaves({ actions, ca, ...evidence }).length);
    if (refused > leaves * mostRequestsPerLeaf)
      return failed(`The CA was asked ${refused} times for ${leaves} leaf(s), although it refused each time.`);
    return passed(
      `The CA refused ${refused} time(s) with ${told.detail}; ${nameOf(certificate)} showed "${error}" at ${shown.at}, and the next question ${Math.round(pauseMs / 60_000)} min later.`,
    );
  },
};
