import type { CertificateFacts, Evidence } from '../evidence/evidence.ts';
import { secretFactsField, secretFactsSchema } from '../evidence/secret-facts.ts';
import { field, historiesOf } from './recorded-object.ts';

/** A leaf of the subject's Secret, and when it was first recorded there. */
export interface SecretLeaf {
  readonly at: string;
  readonly leaf: CertificateFacts;
  /** All of tls.crt, the leaf first. */
  readonly chain: readonly CertificateFacts[];
}

/** The leaves that the subject's Secret held one after another. */
export function secretLeaves({ objects, subject }: Evidence): readonly SecretLeaf[] {
  const recorded = historiesOf(objects, '', 'Secret', subject.secret).flatMap(({ states }) =>
    states.flatMap(({ at, change, object }) => {
      if (change === 'deleted') return [];
      const facts = secretFactsSchema.safeParse(field(object, secretFactsField));
      const chain = facts.success ? facts.data.certificates : [];
      const [leaf] = chain;
      return leaf === undefined ? [] : [{ at, leaf, chain }];
    }),
  );
  return recorded.filter(({ leaf }, index) => leaf.fingerprintSha256 !== recorded[index - 1]?.leaf.fingerprintSha256);
}
