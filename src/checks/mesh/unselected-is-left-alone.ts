import { actionNames } from '../../evidence/action-names.ts';
import { condition, nameOf } from '../../issuance/recorded-object.ts';
import { type Check, failed, passed } from '../check.ts';

/** Without this, selectors that istiod does not know would look like selectors that work. */
export const unselectedIsLeftAlone: Check = {
  id: 'unselected-is-left-alone',
  asserts:
    'While discoverySelectors were set, istiod accepted the Gateway in the selected namespace, and never the one in the other.',
  judge({ actions, objects, subject }) {
    const [set, unset] = actions.filter(({ name }) => name === actionNames.meshConfig);
    if (set === undefined || unset === undefined || !set.detail.includes('discoverySelectors'))
      return failed('The evidence has no action by which discoverySelectors were set, and taken back.');
    const gateways = objects.filter(
      ({ apiVersion, kind }) => kind === 'Gateway' && apiVersion.startsWith('gateway.networking.k8s.io/'),
    );
    const acceptedOf = (own: boolean) =>
      gateways
        .filter(({ namespace }) => (namespace === subject.gateway.namespace) === own)
        .map((history) => ({
          history,
          accepted: history.states.find(
            ({ at, object }) => at < unset.at && condition(object, 'Accepted')?.status === 'True',
          ),
        }));
    const [selected] = acceptedOf(true);
    const [unselected] = acceptedOf(false);
    if (selected === undefined || unselected === undefined)
      return failed('The evidence has no Gateway in the selected namespace and another one outside of it.');
    if (selected.accepted === undefined)
      return failed(`${nameOf(selected.history)}, in the selected namespace, was not accepted before ${unset.at}.`);
    if (unselected.accepted !== undefined)
      return failed(
        `${nameOf(unselected.history)}, which no discoverySelector selects, was accepted at ${unselected.accepted.at}.`,
      );
    return passed(
      `${nameOf(selected.history)} was accepted at ${selected.accepted.at}; ${nameOf(unselected.history)} was not until ${unset.at}.`,
    );
  },
};
