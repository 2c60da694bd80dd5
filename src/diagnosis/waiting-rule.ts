import { quoted, type Rule, type RuleMatch } from './rule.ts';
import type { Situation, WaitingChallenge } from './situation.ts';

/** A rule about the Challenge that the issuance waits for. It does not match if none waits. */
export function onWaiting(
  id: string,
  recognizes: string,
  look: (situation: Situation, challenge: WaitingChallenge) => RuleMatch | null,
): Rule {
  return {
    id,
    recognizes,
    look(situation) {
      const { waiting } = situation;
      return waiting === null || situation.isIssued ? null : look(situation, waiting);
    },
  };
}

/** The reason that a Challenge gives, as evidence. */
export function says(challenge: WaitingChallenge): string | false {
  return challenge.reason !== '' && `${challenge.name} says: ${quoted(challenge.reason)}.`;
}
