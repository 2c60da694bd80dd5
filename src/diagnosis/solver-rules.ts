import { condition, field, list, text } from '../issuance/recorded-object.ts';
import { quoted, type Rule, sentences } from './rule.ts';
import { type CurrentObject, titleOf, type WaitingChallenge } from './situation.ts';
import { onWaiting, says } from './waiting-rule.ts';

/** What cert-manager creates to answer the Challenge: a DNS record, or a Pod, a Service and a route. */
export const solverRules: readonly Rule[] = [
  onWaiting('challenge-hangs-on-deletion', 'a deleted Challenge whose solver cannot be removed', (_, challenge) => {
    const since = text(challenge.object, 'metadata', 'deletionTimestamp');
    if (since === null) return null;
    return {
      verdict: `${challenge.name} was deleted but its finalizer cannot complete: cert-manager cannot remove what it created to solve it.`,
      evidence: sentences(`It has been terminating since ${since}.`, says(challenge)),
      remedy:
        'Restore what cert-manager used to solve the challenge (the DNS credentials, the Issuer), so that it can clean up. Removing the finalizer by hand leaves the record behind.',
    };
  }),
  onWaiting('dns01-wrong-key', 'a DNS server that refuses the update for its key (TSIG, RFC 8945)', (_, challenge) => {
    const provider = field(challenge.object, 'spec', 'solver', 'dns01', 'rfc2136');
    // NOTAUTH alone does not match: a server also returns it for a zone that it does not serve (RFC 2136, section 2.2).
    if (provider === undefined || !/bad authentication|BADSIG|BADKEY/i.test(challenge.reason)) return null;
    const key = text(provider, 'tsigKeyName');
    return {
      verdict: `The Challenge cannot be presented: the name server ${text(provider, 'nameserver') ?? 'of the solver'} refuses the update because the signature by the TSIG key '${key ?? 'none'}' is wrong.`,
      evidence: sentences(says(challenge)),
      remedy:
        'Put the right key into the Secret of tsigSecretSecretRef, and check tsigKeyName and tsigAlgorithm. Do this before the Challenge is deleted: its finalizer needs the key too.',
    };
  }),
  onWaiting('dns01-not-presented', 'a DNS-01 Challenge whose record cannot be created', (_, challenge) => {
    if (challenge.type !== 'DNS-01' || field(challenge.object, 'status', 'presented') === true) return null;
    if (challenge.reason === '') return null;
    return {
      verdict: `The Challenge cannot be presented: ${quoted(challenge.reason)}.`,
      evidence: sentences(says(challenge)),
      remedy: "Fix what the DNS provider reports: credentials, zone, permissions. cert-manager's log has the details.",
    };
  }),
  onWaiting('solver-not-created', 'a solver whose Pod the cluster refuses to create', (situation, challenge) => {
    if (challenge.type !== 'HTTP-01' || challenge.pods.length > 0) return null;
    const refusal = /(pods? "[^"]*" is forbidden: .*|admission webhook .* denied .*|violates PodSecurity .*)/i;
    const said =
      refusal.exec(challenge.reason)?.[1] ??
      situation.input.logs
        .flatMap(({ lines }) => lines.filter((line) => line.includes(challenge.recorded.history.name)))
        .flatMap((line) => refusal.exec(line)?.[1] ?? [])
        .at(-1);
    if (said === undefined) {
      const everPresented = challenge.recorded.pods.length > 0;
      if (!everPresented || challenge.services.length === 0) return null;
      return {
        verdict: `The solver of ${challenge.name} is gone: its Service and its route exist, but its Pod does not and is not created again.`,
        evidence: sentences(
          `The Pod was last seen before it was deleted; ${titleOf(challenge.services[0] ?? {})} has no endpoint.`,
          says(challenge),
        ),
        remedy: `Find out why no Pod can be created in ${challenge.recorded.history.namespace} (ResourceQuota, LimitRange, Pod Security, webhooks), then delete the Challenge; cert-manager creates it again.`,
      };
    }
    return {
      verdict: `The solver of ${challenge.name} cannot be created: ${quoted(said.replaceAll('\\"', '"'))}.`,
      evidence: sentences(says(challenge), `There is no solver Pod in ${challenge.recorded.history.namespace}.`),
      remedy:
        'Admit the solver Pod: raise the quota, allow its security context, or set spec.acme.solvers[].http01.ingress.podTemplate.',
    };
  }),
  onWaiting('solver-not-ready', 'a solver Pod that does not become Ready', (_, challenge) => {
    const waits = whyNotReady(challenge);
    if (waits === null || waits.isStarting) return null;
    return {
      verdict: `The solver of ${challenge.name} is not ready: ${titleOf(waits.pod)} ${quoted(waits.why)}.`,
      evidence: sentences(`${titleOf(waits.pod)} is not Ready.`, says(challenge)),
      remedy: "Fix what the Pod reports. If its image cannot be pulled, see cert-manager's --acme-http01-solver-image.",
    };
  }),
];

/** A state that every solver Pod passes through. It is not a fault, so it comes after the faults that show without a solver. */
export const startingSolverRules: readonly Rule[] = [
  onWaiting('solver-starting', 'a solver Pod that is starting', (_, challenge) => {
    const waits = whyNotReady(challenge);
    if (waits === null || !waits.isStarting) return null;
    return {
      verdict: `The solver of ${challenge.name} is not ready yet: ${titleOf(waits.pod)} is starting (${quoted(waits.why)}).`,
      evidence: sentences(`${titleOf(waits.pod)} is not Ready.`, says(challenge)),
      remedy: "Nothing yet. If this lasts longer than a minute, check the Pod's events.",
    };
  }),
];

interface NotReady {
  readonly pod: CurrentObject;
  readonly why: string;
  readonly isStarting: boolean;
}

/** Why the solver's Pod is not Ready, from its status; null if it is Ready or does not exist. */
function whyNotReady({ pods: [pod] }: WaitingChallenge): NotReady | null {
  if (pod === undefined || condition(pod, 'Ready')?.status === 'True') return null;
  const statuses = [...list(pod, 'status', 'containerStatuses'), ...list(pod, 'status', 'initContainerStatuses')];
  const [first] = statuses.flatMap((status) => {
    const waiting = field(status, 'state', 'waiting');
    return waiting === undefined
      ? []
      : [{ reason: text(waiting, 'reason') ?? 'waits', message: text(waiting, 'message') }];
  });
  const phase = text(pod, 'status', 'phase') ?? 'unknown';
  const unscheduled = condition(pod, 'PodScheduled');
  const why =
    unscheduled?.status === 'False'
      ? `${unscheduled.reason}: ${unscheduled.message}`
      : first !== undefined
        ? first.message === null
          ? first.reason
          : `${first.reason}: ${first.message}`
        : `phase ${phase}`;
  const isStarting =
    unscheduled?.status !== 'False' &&
    ['Pending', 'Running'].includes(phase) &&
    (first === undefined || ['ContainerCreating', 'PodInitializing'].includes(first.reason));
  return { pod, why, isStarting };
}
