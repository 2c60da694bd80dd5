import { issuerKind } from '../../issuance/issuer-kind.ts';
import {
  condition,
  deletion,
  describeCondition,
  historiesOf,
  lastLivingState,
  nameOf,
  text,
} from '../../issuance/recorded-object.ts';
import { type Check, failed, passed } from '../check.ts';

/** The Issuer's ACME account at the CA (RFC 8555, section 7.3). */
export const accountRegistered: Check = {
  id: 'account-registered',
  asserts:
    'The Issuer registered an ACME account: it is Ready with reason ACMEAccountRegistered and names the account.',
  judge(evidence) {
    const { namespace, name } = evidence.subject.issuer;
    const kind = issuerKind(evidence.subject);
    const issuer = historiesOf(evidence.objects, 'cert-manager.io', kind, evidence.subject.issuer).at(-1);
    if (issuer === undefined) return failed(`No ${kind} ${namespace}/${name} was recorded.`);
    const gone = deletion(issuer);
    if (gone !== undefined) return failed(`${nameOf(issuer)} was deleted at ${gone.at}.`);
    const object = lastLivingState(issuer)?.object;

    const ready = condition(object, 'Ready');
    if (ready?.status !== 'True' || ready.reason !== 'ACMEAccountRegistered' || !ready.current) {
      return failed(
        `${nameOf(issuer)} should be Ready True with reason ACMEAccountRegistered, but its last state has ${describeCondition('Ready', ready)}.`,
      );
    }
    const uri = text(object, 'status', 'acme', 'uri');
    if (uri === null) return failed(`${nameOf(issuer)} is Ready, but its status.acme.uri names no account.`);
    return passed(`${nameOf(issuer)} is Ready (ACMEAccountRegistered) with the account ${uri}.`);
  },
};
