import { condition } from '../../issuance/recorded-object.ts';
import { type Link, step } from '../link.ts';
import { whyNotReady } from '../not-ready.ts';
import { quoted, sentences } from '../rule.ts';
import { type CurrentObject, type Situation, titleOf, type WaitingChallenge } from '../situation.ts';
import { solverNotCreatedRule } from '../solver-not-created.ts';
import { onWaiting, says } from '../waiting-rule.ts';

/** A solver is Ready within seconds, once its image is there. */
const longestStartMs = 180_000;

/** The solver's Pod, Service and route. */
export const solverLink: Link = {
  id: 'solver',
  title: 'solver ready',
  needs: ['challenge'],
  done: ({ waiting }) => {
    if (waiting === null) return null;
    if (waiting.type !== 'HTTP-01') return 'DNS-01 needs no solver in the cluster.';
    const pod = waiting.pods.find((each) => condition(each, 'Ready')?.status === 'True');
    return pod === undefined ? null : `${titleOf(pod)} is Ready.`;
  },
  rules: [
    solverNotCreatedRule,
    onWaiting('solver-not-ready', 'a solver Pod that does not become Ready', (situation, challenge) => {
      const waits = solverWaits(situation, challenge);
      if (waits === null || waits.isStarting) return null;
      return {
        verdict: `The solver of ${challenge.name} is not ready: ${titleOf(waits.pod)} ${quoted(waits.why)}.`,
        evidence: sentences(`${titleOf(waits.pod)} is not Ready.`, says(challenge)),
        remedy: /Unschedulable/.test(waits.why)
          ? 'Let the Pod be scheduled: nodeSelector, tolerations and resources are set in spec.acme.solvers[].http01.ingress.podTemplate.spec (gatewayHTTPRoute.podTemplate for an HTTPRoute).'
          : /Image/.test(waits.why)
            ? "Make the image reachable: cert-manager's --acme-http01-solver-image names another one, and podTemplate.spec.imagePullSecrets gives access to a registry."
            : 'Change what the Pod reports; spec.acme.solvers[].http01.ingress.podTemplate shapes it.',
      };
    }),
    step(
      onWaiting('solver-starting', 'a solver Pod that is starting', (situation, challenge) => {
        const waits = solverWaits(situation, challenge);
        if (waits === null || !waits.isStarting) return null;
        return {
          verdict: `The solver of ${challenge.name} is not ready yet: ${titleOf(waits.pod)} is starting (${quoted(waits.why)}).`,
          evidence: sentences(`${titleOf(waits.pod)} is not Ready.`, says(challenge)),
          remedy: "Nothing yet. If this lasts longer than a minute, check the Pod's events.",
        };
      }),
    ),
  ],
};

interface NotReady {
  readonly pod: CurrentObject;
  readonly why: string;
  readonly isStarting: boolean;
}

/** Why the solver's Pod is not Ready; null if it is Ready or does not exist. One that is not after minutes does not start. */
function solverWaits(situation: Situation, { pods: [pod] }: WaitingChallenge): NotReady | null {
  const waits = pod === undefined ? null : whyNotReady(pod);
  if (pod === undefined || waits === null) return null;
  return { pod, why: waits.why, isStarting: waits.isStarting && !(situation.ageOf(pod) > longestStartMs) };
}
