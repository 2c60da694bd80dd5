import type { Issuance } from '../issuance/issuance.ts';
import { text } from '../issuance/recorded-object.ts';
import { endedRules, pendingRules } from './certificate-rules.ts';
import type { Diagnosis } from './diagnosis.ts';
import { issuerRules } from './issuer-rules.ts';
import { routeRules } from './route-rules.ts';
import type { Rule } from './rule.ts';
import { servingRules } from './serving-rules.ts';
import { Sight, type Sighted } from './sight.ts';
import { solverRules } from './solver-rules.ts';

/** Every rule, in the order in which they are asked: the first that recognises something has the last word. */
export const allRules: readonly Rule[] = [
  ...issuerRules,
  ...endedRules,
  ...solverRules,
  ...routeRules,
  ...pendingRules,
  ...servingRules,
];

/**
 * Finds where an issuance stands and why: one sentence, with the evidence for it and a remedy. It never guesses. If no
 * rule recognises the state, the rule is `unknown`; what could not be looked at is listed in `unseen`.
 *
 * @param issuance the objects of the issuance, where the caller has read them already
 */
export function diagnose(sighted: Sighted, issuance?: Issuance): Diagnosis {
  const sight = new Sight(sighted, issuance);
  const unseen = [...sighted.problems];
  for (const rule of allRules) {
    const finding = rule.look(sight);
    if (finding === null) continue;
    const verdict = finding.remedy === null ? finding.verdict : ofRenewal(sight, rule, finding.verdict);
    return { rule: rule.id, verdict, evidence: [...finding.evidence], remedy: finding.remedy, unseen };
  }
  const ready = sight.certificateReady;
  return {
    rule: 'unknown',
    verdict: `No rule recognises the state of ${sight.certificateName}.`,
    evidence: ready === null ? [] : [`It is Ready ${ready.status} (${ready.reason}: ${ready.message}).`],
    remedy: null,
    unseen,
  };
}

const servingRuleIds = new Set(servingRules.map(({ id }) => id));

/** In a renewal the certificate from before goes on being served: a verdict on the new one says so. */
function ofRenewal(sight: Sight, { id }: Rule, verdict: string): string {
  if (sight.renewal === null || servingRuleIds.has(id) || id === 'renewal-failed') return verdict;
  const until = text(sight.certificate, 'status', 'notAfter');
  const present =
    until === null ? 'the present certificate is still in use' : `the present one is valid until ${until}`;
  const what =
    sight.renewal === 'failed'
      ? `The renewal of ${sight.certificateName} failed`
      : `${sight.certificateName} is being renewed`;
  return `${what} (${present}): ${inSentence(verdict)}`;
}

/** A sentence to go on after a colon. */
function inSentence(sentence: string): string {
  return sentence.replace(/^(?:The|All|No) /, (word) => word.toLowerCase());
}
