import { secretFactsField, secretFactsSchema } from '../../evidence/secret-facts.ts';
import { field, historiesOf, lastLivingState, nameOf, text } from '../../issuance/recorded-object.ts';
import { type Check, failed, passed } from '../check.ts';

export const certificateRenewed: Check = {
  id: 'certificate-renewed',
  asserts:
    'The CA issued twice: two Orders became valid, the Certificate has revision 2, and the Secret received a second leaf with a new serial number for the same names.',
  judge(evidence, issuance) {
    const { certificate, orders } = issuance;
    if (certificate === undefined) return failed('No Certificate was recorded.');
    const defects: string[] = [];
    const valid = orders.filter(({ history }) => text(lastLivingState(history)?.object, 'status', 'state') === 'valid');
    if (valid.length < 2)
      defects.push(`${valid.length} Order(s) of ${nameOf(certificate)} became valid, but a renewal needs two.`);
    const revision = field(lastLivingState(certificate)?.object, 'status', 'revision');
    if (revision !== 2) defects.push(`${nameOf(certificate)} has revision ${String(revision ?? 'none')}, not 2.`);
    const leaves = historiesOf(evidence.objects, '', 'Secret', evidence.subject.secret).flatMap(({ states }) =>
      states.flatMap(({ object }) => {
        const facts = secretFactsSchema.safeParse(field(object, secretFactsField));
        return (facts.success ? facts.data.certificates[0] : undefined) ?? [];
      }),
    );
    const [first] = leaves;
    const last = leaves.at(-1);
    if (first === undefined || last === undefined) defects.push('No leaf was recorded in the Secret.');
    else if (first.serialNumber === last.serialNumber)
      defects.push(`The Secret's leaf has the same serial number ${first.serialNumber} before and after the renewal.`);
    else if (first.dnsNames.toSorted().join() !== last.dnsNames.toSorted().join())
      defects.push(`The leaf's names changed from ${first.dnsNames.join(', ')} to ${last.dnsNames.join(', ')}.`);
    if (defects.length > 0) return failed(defects.join(' '));
    return passed(
      `${nameOf(certificate)} was renewed: the leaf's serial number changed from ${first?.serialNumber} to ${last?.serialNumber}.`,
    );
  },
};
