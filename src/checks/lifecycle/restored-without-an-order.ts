import { actionNames } from '../../evidence/action-names.ts';
import { historiesOf, nameOf, text } from '../../issuance/recorded-object.ts';
import { secretLeaves } from '../../issuance/secret-leaves.ts';
import { type Check, failed, passed } from '../check.ts';

/** cert-manager takes a Secret that fits its Certificate as it is, and an account key that the CA knows finds its account again. */
export const restoredWithoutAnOrder: Check = {
  id: 'restored-without-an-order',
  asserts:
    'After the Secrets were restored, cert-manager made no CertificateRequest and no Order, the Secret holds the leaf of before, and the Issuer has the account of before.',
  judge(evidence) {
    const { actions, objects, subject } = evidence;
    const restored = actions.find(({ name }) => name === actionNames.restore);
    if (restored === undefined) return failed('The evidence has no action by which Secrets were restored.');
    const issuers = historiesOf(objects, 'cert-manager.io', 'Issuer', subject.issuer);
    const accounts = issuers.map(({ states }) =>
      states.map(({ object }) => text(object, 'status', 'acme', 'uri')).findLast((uri) => uri !== null),
    );
    if (issuers.length < 2)
      return failed(`Issuer ${subject.issuer.namespace}/${subject.issuer.name} was not lost and made again.`);
    const secrets = historiesOf(objects, '', 'Secret', subject.secret);
    if (secrets.length < 2)
      return failed(`Secret ${subject.secret.namespace}/${subject.secret.name} was not lost and made again.`);
    const made = objects.filter(
      ({ kind, namespace, states }) =>
        (kind === 'CertificateRequest' || kind === 'Order') &&
        namespace === subject.certificate.namespace &&
        states.some(
          ({ change, object }) => change !== 'deleted' && isOfCertificate(object, subject.certificate.name),
        ) &&
        (states[0]?.at ?? '') > restored.at,
    );
    if (made.length > 0)
      return failed(
        `After ${restored.detail} was restored at ${restored.at}, cert-manager made ${made.map(nameOf).join(', ')}.`,
      );
    const before = secretLeaves({ ...evidence, objects: secrets.slice(0, 1) }).at(-1)?.leaf;
    const now = secretLeaves({ ...evidence, objects: secrets.slice(-1) }).at(-1)?.leaf;
    if (before === undefined || now === undefined || before.fingerprintSha256 !== now.fingerprintSha256)
      return failed(
        `The Secret held the leaf ${before?.serialNumber ?? 'none'} before it was lost, and holds ${now?.serialNumber ?? 'none'} now.`,
      );
    const [first, last] = [accounts[0], accounts.at(-1)];
    if (first === undefined || first === null || first !== last)
      return failed(`The Issuer had the account ${first ?? 'none'} before it was lost, and has ${last ?? 'none'} now.`);
    return passed(
      `${restored.detail} was restored at ${restored.at}: the leaf ${now.serialNumber} and the account ${first} are those of before, and nothing was ordered.`,
    );
  },
};

/** cert-manager names CertificateRequest and Order for the Certificate. */
function isOfCertificate(object: unknown, certificate: string): boolean {
  return text(object, 'metadata', 'name')?.startsWith(`${certificate}-`) === true;
}
