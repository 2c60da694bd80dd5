import { actionNames } from '../../evidence/action-names.ts';
import { condition, nameOf, text } from '../../issuance/recorded-object.ts';
import { secretLeaves } from '../../issuance/secret-leaves.ts';
import { type Check, failed, passed } from '../check.ts';
import { renewalDue } from './renewal-due.ts';

const window = ['status', 'acme', 'ari', 'suggestedWindow'] as const;

/** Renewal at the time that the CA suggests (RFC 9773 section 4.2), and not at that of renewBefore. */
export const renewedByRenewalInformation: Check = {
  id: 'renewed-by-renewal-information',
  asserts:
    'After the CA moved the renewal window, cert-manager showed the new window in the Certificate and renewed it, long before renewBefore would have.',
  judge(evidence, { certificate }) {
    const moved = evidence.actions.find(({ name }) => name === actionNames.renewalWindow);
    if (moved === undefined) return failed('The evidence has no action by which the CA moved the renewal window.');
    if (certificate === undefined) return failed('No Certificate was recorded.');
    const since = certificate.states.filter(({ at }) => at >= moved.at);
    const shown = since.find(({ object }) => {
      const [start, end] = [text(object, ...window, 'start'), text(object, ...window, 'end')];
      return start !== null && end !== null && moved.detail === `from ${start} to ${end}`;
    });
    if (shown === undefined) {
      const last = certificate.states.at(-1)?.object;
      const seen = text(last, ...window, 'start');
      const why = text(last, 'status', 'acme', 'ari', 'lastError');
      return failed(
        `${nameOf(certificate)} should show the renewal window ${moved.detail}, but shows ${seen === null ? 'none' : `one from ${seen}`}${why === null || why === '' ? '' : ` (${why})`}.`,
      );
    }
    const start = since.find(({ object }) => condition(object, 'Issuing')?.status === 'True');
    if (start === undefined)
      return failed(`${nameOf(certificate)} showed the new window at ${shown.at}, but was not renewed.`);
    const issuing = condition(start.object, 'Issuing');
    if (issuing?.reason !== 'Renewing')
      return failed(`${nameOf(certificate)} was renewed for another reason at ${start.at}: ${issuing?.reason}.`);
    const [first, second] = secretLeaves(evidence).slice(-2);
    if (first === undefined || second === undefined)
      return failed(`The Secret got no second leaf after the renewal began at ${start.at}.`);
    const due = renewalDue(first.leaf, { renewBefore: null, percentage: Number.NaN });
    if (due <= Date.parse(start.at))
      return failed(
        `The renewal proves nothing: by its own validity the leaf was due at ${new Date(due).toISOString()}.`,
      );
    return passed(
      `The CA moved the window ${moved.detail}; ${nameOf(certificate)} showed that at ${shown.at} and began to be renewed at ${start.at}. Without the CA it would have been at ${new Date(due).toISOString()}.`,
    );
  },
};
