import { condition, historiesOf, lastLivingState, nameOf, text } from '../../issuance/recorded-object.ts';
import { type Check, failed, passed } from '../check.ts';

/** An account key that is lost cannot be had again (RFC 8555 section 7.3): only a new account goes on. */
export const accountRecovered: Check = {
  id: 'account-recovered',
  asserts:
    'After the Secret of the account key was lost, cert-manager made another key and registered another account for the same Issuer, which is Ready.',
  judge(evidence) {
    const issuer = historiesOf(evidence.objects, 'cert-manager.io', 'Issuer', evidence.subject.issuer).at(-1);
    if (issuer === undefined) return failed('No Issuer was recorded.');
    const object = lastLivingState(issuer)?.object;
    const keySecret = text(object, 'spec', 'acme', 'privateKeySecretRef', 'name');
    if (keySecret === null) return failed(`${nameOf(issuer)} was recorded without a privateKeySecretRef.`);
    const namespace = issuer.namespace;
    const secrets = historiesOf(evidence.objects, '', 'Secret', { namespace, name: keySecret });
    if (!secrets.some(({ states }) => states.at(-1)?.change === 'deleted'))
      return failed(`Secret ${namespace}/${keySecret} was not seen being lost.`);
    if (!secrets.some(({ states }) => states.at(-1)?.change !== 'deleted'))
      return failed(`cert-manager did not make Secret ${namespace}/${keySecret} again.`);
    const accounts = [...new Set(issuer.states.flatMap((state) => text(state.object, 'status', 'acme', 'uri') ?? []))];
    if (accounts.length < 2)
      return failed(`${nameOf(issuer)} has the account ${accounts[0] ?? 'none'} before and after its key was lost.`);
    if (condition(object, 'Ready')?.status !== 'True') return failed(`${nameOf(issuer)} is not Ready in the end.`);
    return passed(`${nameOf(issuer)} went from the account ${accounts[0]} to ${accounts.at(-1)}, and is Ready.`);
  },
};
