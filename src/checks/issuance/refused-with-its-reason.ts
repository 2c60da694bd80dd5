import type { Evidence, ObjectHistory, Refusal } from '../../evidence/evidence.ts';
import { secretFactsField, secretFactsSchema } from '../../evidence/secret-facts.ts';
import type { Issuance } from '../../issuance/issuance.ts';
import { field, historiesOf, nameOf, text } from '../../issuance/recorded-object.ts';
import { refusalIn } from '../../issuance/refusal-words.ts';
import { type Check, failed, passed } from '../check.ts';

/** For a scenario that expects a refusal: by whom, and in which words. */
export const refusedWithItsReason: Check = {
  id: 'refused-with-its-reason',
  asserts:
    'The object that the scenario names was refused, with words by which a user can find the cause, and no certificate was in the Secret before.',
  judge(evidence, issuance) {
    const refusal = evidence.subject.expects?.refusal;
    if (refusal === undefined) return failed('The evidence names no refusal that the scenario expects.');
    const histories = refusedObjects(evidence, issuance, refusal);
    if (histories.length === 0) return failed(`No ${refusal.by} was recorded, so nothing was refused.`);
    const said = histories.flatMap((history) =>
      history.states.flatMap(({ at, object }) => {
        const words = refusalIn(refusal.by, object);
        return words === null ? [] : [{ history, at, words }];
      }),
    );
    const found = said.find(({ words }) => refusal.says.some((wanted) => words.includes(wanted)));
    const wanted = refusal.says.map((words) => JSON.stringify(words)).join(' or ');
    if (found === undefined) {
      const last = said.at(-1);
      return failed(
        `A ${refusal.by} should have been refused with ${wanted}, but ${last === undefined ? `${histories.map(nameOf).join(', ')} reported no refusal` : `${nameOf(last.history)} says: ${last.words}`}.`,
      );
    }
    const early = firstLeafAt(evidence);
    if (early !== null && early < found.at)
      return failed(`The Secret held a certificate at ${early}, before the refusal at ${found.at}.`);
    return passed(`${nameOf(found.history)} says at ${found.at}: ${JSON.stringify(found.words)}.`);
  },
};

function refusedObjects(evidence: Evidence, issuance: Issuance, { by }: Refusal): readonly ObjectHistory[] {
  if (by === 'Certificate') return issuance.certificate === undefined ? [] : [issuance.certificate];
  if (by === 'Event') {
    const { namespace, name } = evidence.subject.certificate;
    return evidence.objects.filter(
      (each) =>
        each.kind === 'Event' &&
        each.namespace === namespace &&
        text(each.states[0]?.object, 'involvedObject', 'name')?.startsWith(`${name}-`) === true,
    );
  }
  return historiesOf(evidence.objects, 'cert-manager.io', by, evidence.subject.issuer);
}

function firstLeafAt(evidence: Evidence): string | null {
  const states = historiesOf(evidence.objects, '', 'Secret', evidence.subject.secret).flatMap((one) => one.states);
  const withLeaf = states.find(({ object }) => {
    const facts = secretFactsSchema.safeParse(field(object, secretFactsField));
    return facts.success && facts.data.certificates.length > 0;
  });
  return withLeaf?.at ?? null;
}
