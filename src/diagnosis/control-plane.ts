import { field, list, text } from '../issuance/recorded-object.ts';
import { answers, reachesSolver } from './challenge-answers.ts';
import { whyNotReady } from './not-ready.ts';
import { quoted, type Rule, sentences } from './rule.ts';
import { type CurrentObject, type Situation, titleOf } from './situation.ts';
import { describeTls, isServed } from './tls-servers.ts';

/** What must run for an issuance to go on, by the labels and the image that the charts of cert-manager and Istio give it. */
export const controlPlane = {
  controller: { label: ['app.kubernetes.io/component', 'controller'], image: /cert-manager-controller/ },
  webhook: { label: ['app.kubernetes.io/component', 'webhook'], image: /cert-manager-webhook/ },
  istiod: { label: ['app', 'istiod'], image: /pilot/ },
  dns: { label: ['k8s-app', 'kube-dns'], image: /coredns/ },
} as const satisfies Record<string, PartOfControlPlane>;
export type ControlPlanePart = keyof typeof controlPlane;

interface PartOfControlPlane {
  readonly label: readonly [string, string];
  readonly image: RegExp;
}

/** Whether a Deployment is one of the control plane's. */
export function isPart(deployment: unknown, { label, image }: PartOfControlPlane): boolean {
  const [name, value] = label;
  return (
    field(deployment, 'metadata', 'labels', name) === value &&
    list(deployment, 'spec', 'template', 'spec', 'containers').some((each) => image.test(text(each, 'image') ?? ''))
  );
}

/** A probe that fails on a busy machine takes a Pod out for a moment. */
const longestGapMs = 60_000;

/** The Deployment of a part of which no Pod is available, and why; null where one is, or where none was seen. */
function stopped(situation: Situation, part: ControlPlanePart): { readonly name: string; readonly why: string } | null {
  const deployments = situation.all('apps', 'Deployment').filter((each) => isPart(each, controlPlane[part]));
  const [first] = deployments;
  // Another revision of istiod may serve.
  if (first === undefined || deployments.some((each) => count(each, 'status', 'availableReplicas') > 0)) return null;
  const wanted = field(first, 'spec', 'replicas');
  if (wanted !== 0 && !hasLasted(first, 'Available', situation)) return null;
  return {
    name: titleOf(first),
    why: wanted === 0 ? 'it is scaled to 0' : 'none of its Pods is available',
  };
}

/** Whether a condition has been False for longer than a moment. */
function hasLasted(object: unknown, type: string, { now }: Situation): boolean {
  const found = list(object, 'status', 'conditions').find((each) => text(each, 'type') === type);
  return text(found, 'status') === 'False' && now - Date.parse(text(found, 'lastTransitionTime') ?? '') > longestGapMs;
}

function count(object: unknown, ...path: readonly string[]): number {
  const value = field(object, ...path);
  return typeof value === 'number' ? value : 0;
}

function startIt({ name, why }: { readonly name: string; readonly why: string }): string {
  const [, path = ''] = name.split(' ');
  const [namespace = '', deployment = ''] = path.split('/');
  return why === 'it is scaled to 0'
    ? `Scale it up: kubectl scale deployment ${deployment} -n ${namespace} --replicas=1.`
    : `Find out why its Pods are not available: kubectl describe pods -n ${namespace}, and their logs.`;
}

/** A cert-manager whose controller or webhook does not run: nothing that is not issued yet goes on. */
export const certManagerStoppedRule: Rule = {
  id: 'cert-manager-not-running',
  recognizes: 'a cert-manager whose controller or webhook has no Pod that is available',
  look(situation) {
    if (situation.certificate === null || situation.isIssued) return null;
    const controller = stopped(situation, 'controller');
    if (controller !== null)
      return {
        verdict: `The issuance does not go on: cert-manager does not run, as ${controller.name} has no Pod that is available (${controller.why}).`,
        evidence: [`${controller.name} has 0 available replicas.`],
        remedy: startIt(controller),
      };
    const webhook = stopped(situation, 'webhook');
    if (webhook === null) return null;
    return {
      verdict: `The issuance does not go on: cert-manager's webhook does not run, as ${webhook.name} has no Pod that is available (${webhook.why}), so the API server refuses every change to cert-manager's objects.`,
      evidence: [`${webhook.name} has 0 available replicas.`],
      remedy: startIt(webhook),
    };
  },
};

/** An istiod that does not run, so that gateways keep the configuration that they have. */
export const istiodStoppedRule: Rule = {
  id: 'istiod-not-running',
  recognizes: 'an istiod of which no Pod is available, so that gateways learn nothing new',
  standsAlone: true,
  look(situation) {
    const istiod = stopped(situation, 'istiod');
    if (istiod === null || !isStuck(situation)) return null;
    return {
      verdict: `${situation.isIssued ? 'The certificate is issued, but not served' : 'The Challenge waits for its self-check'}: istiod does not run, as ${istiod.name} has no Pod that is available (${istiod.why}), so the gateway learns of no new route and no new Secret.`,
      evidence: sentences(`${istiod.name} has 0 available replicas.`, situation.isIssued && describeTls(situation.tls)),
      remedy: startIt(istiod),
    };
  },
};

/** A cluster whose DNS does not run, so that cert-manager finds no host. */
export const clusterDnsStoppedRule: Rule = {
  id: 'cluster-dns-not-running',
  recognizes: "a cluster whose DNS has no Pod that is available, so that cert-manager's self-check finds no address",
  look(situation) {
    const { waiting } = situation;
    const dns = stopped(situation, 'dns');
    // A cluster may have another DNS than the one that it was set up with: then the self-check says something else.
    if (dns === null || situation.isIssued || waiting === null) return null;
    if (waiting.reason !== '' && !/lookup |deadline exceeded|server misbehaving/i.test(waiting.reason)) return null;
    return {
      verdict: `The Challenge waits for its self-check: the cluster's DNS does not run, as ${dns.name} has no Pod that is available (${dns.why}), so cert-manager finds no address of ${waiting.host}.`,
      evidence: sentences(
        `${dns.name} has 0 available replicas.`,
        waiting.reason !== '' && `${waiting.name} says: ${quoted(waiting.reason)}.`,
      ),
      remedy: startIt(dns),
      confidence: 'inferred',
    };
  },
};

/** A gateway without a Pod that serves. */
export const gatewayStoppedRule: Rule = {
  id: 'gateway-not-running',
  recognizes: 'a gateway of which no Pod is Ready',
  standsAlone: true,
  look(situation) {
    if (situation.couldNotSee('Pod') || !isStuck(situation) || !hasSeenPods(situation)) return null;
    const service = situation.named('', 'Service', situation.input.subject.gateway);
    const selector = field(service, 'spec', 'selector');
    if (service === null || selector === undefined) return null;
    const pods = situation.gatewayPods;
    const waiting = pods.flatMap((pod) => notReady(pod, situation));
    if (waiting.length < pods.length) return null;
    const [first] = waiting;
    const starting = `${situation.isIssued ? 'The certificate is issued, but not served' : 'The Challenge waits for its self-check'}`;
    return {
      verdict:
        first === undefined
          ? `${starting}: the gateway ${situation.gatewayName} does not run, as no Pod has the labels ${JSON.stringify(selector)} that its Service selects.`
          : `${starting}: the gateway ${situation.gatewayName} does not run, as none of its Pods is Ready: ${titleOf(first.pod)} ${quoted(first.why)}.`,
      evidence: sentences(
        `Service ${situation.gatewayName} has no endpoint, so connections to it are refused.`,
        situation.isIssued && describeTls(situation.tls),
      ),
      remedy:
        first === undefined
          ? `Scale the Deployment of the gateway up, or give Service ${situation.gatewayName} a selector that its Pods have.`
          : `Find out why ${titleOf(first.pod)} does not become Ready: kubectl describe pod ${text(first.pod, 'metadata', 'name')} -n ${text(first.pod, 'metadata', 'namespace')}.`,
    };
  },
};

/** Scenarios record the Pods of the gateway where it is in a namespace of theirs. */
function hasSeenPods({ input: { surroundings, objects, subject } }: Situation): boolean {
  const { namespace, name } = subject.gateway;
  return (
    surroundings !== undefined ||
    objects.some((one) => one.kind === 'Pod' && one.namespace === namespace && one.name.startsWith(`${name}-`))
  );
}

function notReady(pod: CurrentObject, situation: Situation): { readonly pod: CurrentObject; readonly why: string }[] {
  const waits = whyNotReady(pod);
  // This does not pass by itself (kubernetes.io/docs/tasks/configure-pod-container/assign-memory-resource).
  const isStarved = list(pod, 'status', 'containerStatuses').some((each) =>
    [field(each, 'state'), field(each, 'lastState')].some(
      (state) => text(state, 'terminated', 'reason') === 'OOMKilled',
    ),
  );
  if (waits !== null && isStarved)
    return [{ pod, why: 'was killed for its memory (OOMKilled): the memory limit of its container is too low' }];
  // Without conditions, nothing was seen of its state.
  return waits === null || !hasLasted(pod, 'Ready', situation) ? [] : [{ pod, why: waits.why }];
}

/** Whether the gateway does not do what the issuance, or the serving of its certificate, needs of it now. */
function isStuck(situation: Situation): boolean {
  const { waiting, tls } = situation;
  if (situation.isIssued) return !isServed(situation) && tls !== null;
  if (waiting === null || waiting.type !== 'HTTP-01' || waiting.isEnded) return false;
  const hasRoute = situation.input.gatewayConfigs.some(({ routes }) =>
    routes.some(({ match }) => match.includes(waiting.path)),
  );
  return !hasRoute && !reachesSolver(situation, waiting) && answers(situation, waiting) !== 200;
}
