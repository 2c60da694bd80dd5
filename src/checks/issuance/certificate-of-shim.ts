import { field, lastLivingState, list, nameOf, text } from '../../issuance/recorded-object.ts';
import { type Check, failed, passed } from '../check.ts';

const shimKinds: readonly string[] = ['Ingress', 'Gateway', 'ListenerSet'];

export const certificateOfShim: Check = {
  id: 'certificate-of-shim',
  asserts:
    'cert-manager itself made the Certificate, for an Ingress, Gateway or ListenerSet with its annotation, which owns it.',
  judge(evidence, { certificate }) {
    if (certificate === undefined) return failed('No Certificate was recorded, so cert-manager made none.');
    const applied = `Certificate/${certificate.namespace}/${certificate.name}`;
    if (evidence.actions.some(({ name, detail }) => name === 'apply' && detail === applied))
      return failed(`${nameOf(certificate)} was applied by the scenario, so it proves nothing about annotations.`);
    const owners = list(lastLivingState(certificate)?.object, 'metadata', 'ownerReferences');
    const owner = owners.find((each) => shimKinds.includes(text(each, 'kind') ?? ''));
    if (owner === undefined) return failed(`${nameOf(certificate)} has no owner among ${shimKinds.join(', ')}.`);
    const [kind, name] = [text(owner, 'kind'), text(owner, 'name')];
    const history = evidence.objects.find((each) => each.uid === text(owner, 'uid'));
    const annotations = field(history && lastLivingState(history)?.object, 'metadata', 'annotations');
    const issuer = text(annotations, 'cert-manager.io/issuer') ?? text(annotations, 'cert-manager.io/cluster-issuer');
    if (issuer === null)
      return failed(
        `${kind} ${name}, which owns ${nameOf(certificate)}, was recorded without an annotation for an issuer.`,
      );
    return passed(`cert-manager made ${nameOf(certificate)} for ${kind} ${name}, whose annotation names ${issuer}.`);
  },
};
