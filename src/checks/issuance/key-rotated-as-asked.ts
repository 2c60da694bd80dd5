import { secretFactsField, secretFactsSchema } from '../../evidence/secret-facts.ts';
import { field, historiesOf, lastLivingState, nameOf, text } from '../../issuance/recorded-object.ts';
import { type Check, failed, passed } from '../check.ts';

/** cert-manager's default since 1.18. */
const defaultPolicy = 'Always';

export const keyRotatedAsAsked: Check = {
  id: 'key-rotated-as-asked',
  asserts:
    "After a renewal the Secret has another key if the Certificate's rotationPolicy is Always, and the same key if it is Never; each leaf has the key beside it.",
  judge(evidence, { certificate }) {
    if (certificate === undefined) return failed('No Certificate was recorded, so its rotationPolicy is unknown.');
    const policy = text(lastLivingState(certificate)?.object, 'spec', 'privateKey', 'rotationPolicy') ?? defaultPolicy;
    const pairs = historiesOf(evidence.objects, '', 'Secret', evidence.subject.secret).flatMap(({ states }) =>
      states.flatMap(({ object }) => {
        const facts = secretFactsSchema.safeParse(field(object, secretFactsField));
        const leaf = facts.success ? facts.data.certificates[0] : undefined;
        return facts.success && leaf !== undefined ? [{ leaf, key: facts.data.privateKeyPublicSha256 }] : [];
      }),
    );
    const mixed = pairs.find(({ leaf, key }) => leaf.publicKeySha256 !== key);
    if (mixed !== undefined) {
      return failed(
        `The Secret held the leaf with serial number ${mixed.leaf.serialNumber} beside the key of another certificate.`,
      );
    }
    const [first] = pairs;
    const last = pairs.at(-1);
    if (first === undefined || last === undefined || first.leaf.serialNumber === last.leaf.serialNumber)
      return failed(`${nameOf(certificate)} was not renewed, so nothing shows what becomes of its key.`);
    const isSame = first.key === last.key;
    if (isSame !== (policy === 'Never')) {
      return failed(
        `${nameOf(certificate)} has rotationPolicy ${policy}, but its renewal ${isSame ? 'kept the key' : 'made another key'}.`,
      );
    }
    return passed(
      `${nameOf(certificate)} has rotationPolicy ${policy}, and its renewal ${isSame ? 'kept the key' : 'made another key'}.`,
    );
  },
};
