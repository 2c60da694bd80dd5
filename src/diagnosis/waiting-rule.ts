import { quoted, type Rule, type RuleMatch } from './rule.ts';
import type { Situation, WaitingChallenge } from './situation.ts';

/** A rule about the Challenge that everything waits for; it keeps silent where none waits. */
export function onWaiting(
  id: string,
  recognises: string,
  look: (situation: Situation, challenge: WaitingChallenge) => RuleMatch | null,
): Rule {
  return {
    id,
    recognises,
    look(situation) {
      const { waiting } = situation;
      return waiting === null || situation.isIssued ? null : look(situation, waiting);
    },
  };
}

/** What a Challenge says of itself, as evidence. */
export function says(challenge: WaitingChallenge): string | false {
  return challenge.reason !== '' && `${challenge.name} says: ${quoted(challenge.reason)}.`;
}
