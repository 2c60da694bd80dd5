import { type Finding, quoted, type Rule } from './rule.ts';
import type { Sight, WaitingChallenge } from './sight.ts';

/** A rule about the Challenge that everything waits for; it keeps silent where none waits. */
export function onWaiting(
  id: string,
  recognises: string,
  look: (sight: Sight, challenge: WaitingChallenge) => Finding | null,
): Rule {
  return {
    id,
    recognises,
    look(sight) {
      const { waiting } = sight;
      return waiting === null || sight.isIssued ? null : look(sight, waiting);
    },
  };
}

/** What a Challenge says of itself, as evidence. */
export function says(challenge: WaitingChallenge): string | false {
  return challenge.reason !== '' && `${challenge.name} says: ${quoted(challenge.reason)}.`;
}
