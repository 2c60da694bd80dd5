import { condition, field, list, text } from '../issuance/recorded-object.ts';
import { quoted, type Rule, sentences } from './rule.ts';
import { type Seen, titleOf, type WaitingChallenge } from './sight.ts';
import { onWaiting, says } from './waiting-rule.ts';

/** What was made to answer the Challenge: the record in the DNS, or Pod, Service and route. */
export const solverRules: readonly Rule[] = [
  onWaiting('challenge-hangs-on-deletion', 'a deleted Challenge whose solver cannot be removed', (_, challenge) => {
    const since = text(challenge.object, 'metadata', 'deletionTimestamp');
    if (since === null) return null;
    return {
      verdict: `${challenge.name} was deleted and hangs on its finalizer: what solved it cannot be removed.`,
      evidence: sentences(`It is being deleted since ${since}.`, says(challenge)),
      remedy:
        'Give cert-manager back what it solved the challenge with (the DNS credentials, the Issuer), so that it can clean up; removing the finalizer by hand leaves the record behind.',
    };
  }),
  onWaiting('dns01-wrong-key', 'a DNS server that refuses the update for its key (TSIG, RFC 8945)', (_, challenge) => {
    const provider = field(challenge.object, 'spec', 'solver', 'dns01', 'rfc2136');
    // NOTAUTH alone is not among them: a server says so, too, of a zone that is not its own (RFC 2136, section 2.2).
    if (provider === undefined || !/bad authentication|BADSIG|BADKEY/i.test(challenge.reason)) return null;
    const key = text(provider, 'tsigKeyName');
    return {
      verdict: `The Challenge cannot be presented: the name server ${text(provider, 'nameserver') ?? 'of the solver'} refuses the update, as the signature by the TSIG key '${key ?? 'none'}' is wrong.`,
      evidence: sentences(says(challenge)),
      remedy:
        'Put the right key into the Secret of tsigSecretSecretRef, and check tsigKeyName and tsigAlgorithm. Do so before the Challenge is deleted: its finalizer needs the key, too.',
    };
  }),
  onWaiting('dns01-not-presented', 'a DNS-01 Challenge whose record cannot be made', (_, challenge) => {
    if (challenge.type !== 'DNS-01' || field(challenge.object, 'status', 'presented') === true) return null;
    if (challenge.reason === '') return null;
    return {
      verdict: `The Challenge cannot be presented: ${quoted(challenge.reason)}.`,
      evidence: sentences(says(challenge)),
      remedy: "Cure what the DNS provider says: credentials, zone, rights. cert-manager's log has the details.",
    };
  }),
  onWaiting('solver-not-created', 'a solver whose Pod the cluster refuses to make', (sight, challenge) => {
    if (challenge.type !== 'HTTP-01' || challenge.pods.length > 0) return null;
    const refusal = /(pods? "[^"]*" is forbidden: .*|admission webhook .* denied .*|violates PodSecurity .*)/i;
    const said =
      refusal.exec(challenge.reason)?.[1] ??
      sight.sighted.logs
        .flatMap(({ lines }) => lines.filter((line) => line.includes(challenge.recorded.history.name)))
        .flatMap((line) => refusal.exec(line)?.[1] ?? [])
        .at(-1);
    if (said === undefined) {
      const everPresented = challenge.recorded.pods.length > 0;
      if (!everPresented || challenge.services.length === 0) return null;
      return {
        verdict: `The solver of ${challenge.name} is gone: its Service and its route are there, its Pod is not, and none comes again.`,
        evidence: sentences(
          `The Pod was last seen before it was deleted; ${titleOf(challenge.services[0] ?? {})} has no endpoint.`,
          says(challenge),
        ),
        remedy: `Look why no Pod can be made in ${challenge.recorded.history.namespace} (ResourceQuota, LimitRange, Pod Security, webhooks), then delete the Challenge: cert-manager makes it anew.`,
      };
    }
    return {
      verdict: `The solver of ${challenge.name} cannot be made: ${quoted(said.replaceAll('\\"', '"'))}.`,
      evidence: sentences(says(challenge), `No solver Pod is there in ${challenge.recorded.history.namespace}.`),
      remedy:
        'Let the solver Pod in: raise the quota, allow its security context, or set spec.acme.solvers[].http01.ingress.podTemplate.',
    };
  }),
  onWaiting('solver-not-ready', 'a solver Pod that does not become Ready', (_, challenge) => {
    const waits = whyNotReady(challenge);
    if (waits === null || waits.isStarting) return null;
    return {
      verdict: `The solver of ${challenge.name} is not ready: ${titleOf(waits.pod)} ${quoted(waits.why)}.`,
      evidence: sentences(`${titleOf(waits.pod)} is not Ready.`, says(challenge)),
      remedy:
        "Cure what the Pod says; for an image that cannot be pulled see cert-manager's --acme-http01-solver-image.",
    };
  }),
];

/** What every solver Pod goes through: no fault, and so asked after the faults that show without a solver. */
export const startingSolverRules: readonly Rule[] = [
  onWaiting('solver-starting', 'a solver Pod that is starting', (_, challenge) => {
    const waits = whyNotReady(challenge);
    if (waits === null || !waits.isStarting) return null;
    return {
      verdict: `The solver of ${challenge.name} is not ready yet: ${titleOf(waits.pod)} is starting (${quoted(waits.why)}).`,
      evidence: sentences(`${titleOf(waits.pod)} is not Ready.`, says(challenge)),
      remedy: 'Nothing yet; where it stays so for a minute, look at the events of the Pod.',
    };
  }),
];

interface NotReady {
  readonly pod: Seen;
  readonly why: string;
  readonly isStarting: boolean;
}

/** Why the solver's Pod is not Ready, by its own status; null where it is, or where there is none. */
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
