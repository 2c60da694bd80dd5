import { actionNames } from '../../evidence/action-names.ts';
import { nameOf, text } from '../../issuance/recorded-object.ts';
import { type Check, failed, passed } from '../check.ts';

/** A scenario that begins with a misconfiguration shows both: that it matters, and that its removal is enough. */
export const challengeWaitsForTheCure: Check = {
  id: 'challenge-waits-for-the-cure',
  asserts:
    'While the misconfiguration was there, the Challenge said what is wrong and did not become valid; once it was removed, it did.',
  judge({ actions }, { challenges }) {
    const [broken, seen, cured] = [actionNames.misconfigure, actionNames.challengeReason, actionNames.cure].map(
      (name) => actions.find((action) => action.name === name),
    );
    if (broken === undefined) return failed('The evidence has no action by which something was misconfigured.');
    if (seen === undefined || cured === undefined)
      return failed(
        `After ${broken.detail} was applied at ${broken.at}, the Challenge never said what is wrong with it.`,
      );
    const [challenge] = challenges;
    if (challenge === undefined) return failed('No Challenge was recorded.');
    const { history } = challenge;
    const state = (object: unknown) => text(object, 'status', 'state');
    const early = history.states.find(({ at, object }) => at < cured.at && state(object) === 'valid');
    if (early !== undefined)
      return failed(
        `${nameOf(history)} became valid at ${early.at}, before ${broken.detail} was removed at ${cured.at}.`,
      );
    const said = history.states.find(
      ({ at, object }) => at < cured.at && text(object, 'status', 'reason')?.includes(seen.detail),
    );
    if (said === undefined)
      return failed(
        `${nameOf(history)} should have said "${seen.detail}" before ${cured.at}, but no recorded state does.`,
      );
    const valid = history.states.find(({ at, object }) => at >= cured.at && state(object) === 'valid');
    if (valid === undefined)
      return failed(`${nameOf(history)} did not become valid after ${broken.detail} was removed at ${cured.at}.`);
    return passed(
      `With ${broken.detail}, ${nameOf(history)} said "${text(said.object, 'status', 'reason')}"; it became valid ${((Date.parse(valid.at) - Date.parse(cured.at)) / 1000).toFixed(1)} s after that was removed.`,
    );
  },
};
