import type { Issuance } from '../issuance/issuance.ts';
import { text } from '../issuance/recorded-object.ts';
import { endedRules, pendingRules } from './certificate-rules.ts';
import type { Diagnosis } from './diagnosis.ts';
import { issuerRules } from './issuer-rules.ts';
import { routeRules } from './route-rules.ts';
import type { Rule } from './rule.ts';
import { servingRules } from './serving-rules.ts';
import { type DiagnosisInput, Situation } from './situation.ts';
import { solverRules } from './solver-rules.ts';

/** Every rule in order: the first that matches gives the diagnosis. */
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
 * rule recognizes the state, the rule is `unknown`; what could not be looked at is listed in `unseen`.
 *
 * @param issuance the objects of the issuance, where the caller has read them already
 */
export function diagnose(input: DiagnosisInput, issuance?: Issuance): Diagnosis {
  const situation = new Situation(input, issuance);
  const unseen = [...input.problems];
  for (const rule of allRules) {
    const match = rule.look(situation);
    if (match === null) continue;
    const verdict = match.remedy === null ? match.verdict : ofRenewal(situation, rule, match.verdict);
    return { rule: rule.id, verdict, evidence: [...match.evidence], remedy: match.remedy, unseen };
  }
  const ready = situation.certificateReady;
  return {
    rule: 'unknown',
    verdict: `No rule recognizes the state of ${situation.certificateName}.`,
    evidence: ready === null ? [] : [`It is Ready ${ready.status} (${ready.reason}: ${ready.message}).`],
    remedy: null,
    unseen,
  };
}

const servingRuleIds = new Set(servingRules.map(({ id }) => id));

/** During a renewal the previous certificate is still served: a verdict about the new one says so. */
function ofRenewal(situation: Situation, { id }: Rule, verdict: string): string {
  if (situation.renewal === null || servingRuleIds.has(id) || id === 'renewal-failed') return verdict;
  const until = text(situation.certificate, 'status', 'notAfter');
  const present =
    until === null ? 'the present certificate is still in use' : `the present one is valid until ${until}`;
  const what =
    situation.renewal === 'failed'
      ? `The renewal of ${situation.certificateName} failed`
      : `${situation.certificateName} is being renewed`;
  return `${what} (${present}): ${inSentence(verdict)}`;
}

/** A sentence for use after a colon. */
function inSentence(sentence: string): string {
  return sentence.replace(/^(?:The|All|No) /, (word) => word.toLowerCase());
}
