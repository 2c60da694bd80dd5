import { actionNames } from '../../evidence/action-names.ts';
import { nameOf, text } from '../../issuance/recorded-object.ts';
import { secretLeaves } from '../../issuance/secret-leaves.ts';
import { type Check, failed, passed } from '../check.ts';

const information = ['status', 'acme', 'ari'] as const;
/** cert-manager spreads its questions over a tenth in either direction. */
const spread = 0.1;
/** cert-manager's times have whole seconds. */
const resolutionMs = 1_000;

/** Retry-After of renewal information (RFC 9773 section 4.3.2) is about one certificate: the next one is asked about at once. */
export const asksAgainWhenTheCaSays: Check = {
  id: 'asks-again-when-the-ca-says',
  asserts:
    'After each answer about the renewal, cert-manager set its next question by Retry-After, and it asked about the new leaf without waiting for that.',
  judge(evidence, { certificate }) {
    const told = evidence.actions.find(({ name }) => name === actionNames.renewalInfoAnswers);
    const seconds = Number(/^Retry-After: (\d+)$/.exec(told?.detail ?? '')?.[1]);
    if (Number.isNaN(seconds)) return failed('The evidence has no action by which the CA set a Retry-After.');
    if (certificate === undefined) return failed('No Certificate was recorded.');
    const answers = new Map<string, number>();
    for (const { object } of certificate.states) {
      const checked = text(object, ...information, 'lastChecked');
      const next = text(object, ...information, 'nextCheck');
      // The first state has what cert-manager set: a scenario may move the next question afterwards.
      if (checked !== null && next !== null && !answers.has(checked))
        answers.set(checked, (Date.parse(next) - Date.parse(checked)) / 1000);
    }
    if (answers.size === 0) return failed(`${nameOf(certificate)} does not show that the CA was asked when to renew.`);
    const edge = resolutionMs / 1000;
    for (const [checked, pause] of answers) {
      if (pause < seconds * (1 - spread) - edge || pause > seconds * (1 + spread) + edge)
        return failed(
          `The CA said at ${checked} to ask again after ${seconds} s, but cert-manager set its next question ${pause} s later.`,
        );
    }
    const leaf = secretLeaves(evidence).at(-1)?.leaf;
    if (leaf === undefined) return failed('No leaf was recorded in the Secret.');
    const last = [...answers.keys()].at(-1) ?? '';
    if (Date.parse(last) < Date.parse(leaf.notBefore) - resolutionMs)
      return failed(
        `The leaf ${leaf.serialNumber} is valid from ${leaf.notBefore}, but cert-manager asked last at ${last}, so about an earlier one.`,
      );
    return passed(
      `The CA was asked ${answers.size} time(s), and each time the next question was set to ${[...answers.values()].map((pause) => `${(pause / 3_600).toFixed(1)} h`).join(', ')} later (Retry-After: ${seconds}); the last one, at ${last}, was about the leaf ${leaf.serialNumber}.`,
    );
  },
};
