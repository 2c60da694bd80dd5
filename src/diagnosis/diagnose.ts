import type { Diagnosis } from '../report/report.ts';
import { endedRules, pendingRules } from './certificate-rules.ts';
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
 * Says where an issuance stands and why, in one sentence, with what shows it and what to do. It never guesses: what no
 * rule recognises is `unknown`, and what could not be looked at is listed.
 */
export function diagnose(sighted: Sighted): Diagnosis {
  const sight = new Sight(sighted);
  const unseen = [...sighted.problems];
  for (const rule of allRules) {
    const finding = rule.look(sight);
    if (finding !== null) return { rule: rule.id, ...finding, evidence: [...finding.evidence], unseen };
  }
  const ready = sight.certificateReady;
  return {
    rule: 'unknown',
    verdict: `No rule recognises why ${sight.certificateName} is where it is.`,
    evidence: ready === null ? [] : [`It is Ready ${ready.status} (${ready.reason}: ${ready.message}).`],
    remedy: null,
    unseen,
  };
}
