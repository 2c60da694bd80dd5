import { field } from '../issuance/recorded-object.ts';
import { readRefusal } from './refusal.ts';
import { quoted, type Rule, sentences } from './rule.ts';
import { titleOf } from './situation.ts';
import { onWaiting, says } from './waiting-rule.ts';

/** Reasons that pass by themselves: cert-manager tries again at once. */
const passing = /object has been modified|context deadline exceeded|client rate limiter/i;

/** A solver whose parts the cluster refuses to create, or whose Pod is gone. */
export const solverNotCreatedRule: Rule = onWaiting(
  'solver-not-created',
  'a solver whose Pod, Service or route the cluster refuses to create, or whose Pod is gone',
  (situation, challenge) => {
    if (challenge.type !== 'HTTP-01' || challenge.isEnded) return null;
    const { namespace } = challenge.recorded.history;
    const isPresented = field(challenge.object, 'status', 'presented') === true;
    const told = [
      challenge.reason,
      ...(isPresented && challenge.pods.length > 0
        ? []
        : logLinesAbout(situation.input.logs, challenge.recorded.history.name)),
    ];
    if (!isPresented || challenge.pods.length === 0) {
      const refusal = told.map((each) => readRefusal(each, namespace, situation)).find((each) => each !== null);
      if (refusal !== undefined && !challenge.waitsForSelfCheck) {
        const part = refusal.part === null ? 'solver' : `solver's ${refusal.part}`;
        return {
          verdict: `The Challenge cannot be presented, the ${part} cannot be created: ${refusal.why} (${refusal.verbatim}).`,
          evidence: sentences(
            says(challenge),
            `${challenge.name} has presented: ${isPresented}.`,
            challenge.pods.length === 0 && `There is no solver Pod in ${namespace}.`,
          ),
          remedy: refusal.remedy,
        };
      }
    }
    if (
      field(challenge.object, 'status', 'presented') === false &&
      challenge.reason !== '' &&
      !challenge.waitsForSelfCheck
    ) {
      if (passing.test(challenge.reason)) return null;
      return {
        verdict: `The Challenge cannot be presented: ${quoted(challenge.reason)}.`,
        evidence: sentences(says(challenge), `${challenge.name} has presented: false.`),
        remedy: 'Change what the message names. cert-manager tries again by itself.',
      };
    }
    const everPresented = challenge.recorded.pods.length > 0;
    if (challenge.pods.length > 0 || !everPresented || challenge.services.length === 0) return null;
    return {
      verdict: `The solver of ${challenge.name} is gone: its Service and its route exist, but its Pod does not and is not created again.`,
      evidence: sentences(
        `The Pod was last seen before it was deleted; ${titleOf(challenge.services[0] ?? {})} has no endpoint.`,
        says(challenge),
      ),
      remedy: `Find out why no Pod can be created in ${namespace} (ResourceQuota, LimitRange, Pod Security, webhooks), then delete the Challenge; cert-manager creates it again.`,
    };
  },
);

const refusalInLog =
  /((?:pods?|services?|ingress(?:es)?(?:\.[\w.]+)?|httproutes?(?:\.[\w.]+)?) "[^"]*" is (?:forbidden|invalid): .*|admission webhook .* denied .*|violates PodSecurity .*)/i;

/** What cert-manager's log says about a Challenge in the words of the API server, the newest first. */
function logLinesAbout(logs: readonly { readonly lines: readonly string[] }[], name: string): readonly string[] {
  return logs
    .flatMap(({ lines }) => lines.filter((line) => line.includes(name)))
    .flatMap((line) => refusalInLog.exec(line.replaceAll('\\"', '"'))?.[1] ?? [])
    .toReversed();
}
