import { field } from '../issuance/recorded-object.ts';
import { quoted } from './rule.ts';
import type { Situation } from './situation.ts';

/** Why the API server refuses an object that cert-manager creates to solve a Challenge. */
export interface Refusal {
  /** What refuses it and why, a clause. */
  readonly why: string;
  readonly remedy: string;
  /** The words of the API server. */
  readonly verbatim: string;
  /** `Pod`, `Service`, `Ingress` or `HTTPRoute`; null where the message does not say. */
  readonly part: string | null;
}

const parts: Readonly<Record<string, string>> = {
  pod: 'Pod',
  service: 'Service',
  ingress: 'Ingress',
  ingresse: 'Ingress',
  httproute: 'HTTPRoute',
};
const solverSettings = 'spec.acme.solvers[].http01.ingress.podTemplate (gatewayHTTPRoute.podTemplate for an HTTPRoute)';

/** Words that the API server, its admission plugins and webhooks refuse an object with. */
const refusing =
  /is forbidden:|is forbidden |\bcannot create resource\b|admission webhook|failed calling webhook|denied request|denied the request|violates PodSecurity|exceeded quota|is invalid:|could not find the requested resource|no matches for kind|because it is being terminated/i;

/** Reads a refusal from a message; null where it is none. @param namespace where the solver is created */
export function readRefusal(message: string, namespace: string, situation: Situation): Refusal | null {
  // The name is generated anew at each attempt, so it would make two verdicts of one state.
  const verbatim = quoted(
    message
      .replaceAll('\\"', '"')
      .replace(/cm-acme-http-solver-[a-z0-9]{5}\b/g, 'cm-acme-http-solver-…')
      .trim(),
  );
  if (!refusing.test(verbatim)) return null;
  const part = partOf(verbatim);
  const with_ = (why: string, remedy: string): Refusal => ({ why, remedy, verbatim, part });

  const quota = /exceeded quota: ([^,\s]+)(?:, requested: (.*), used: (.*), limited: (.*))?/.exec(verbatim);
  if (quota !== null) {
    const [, name = '', requested = '', , limited = ''] = quota;
    const nodePorts = /services\.nodeports/.test(requested);
    return with_(
      nodePorts
        ? `ResourceQuota ${namespace}/${name} allows ${/nodeports=0\b/.test(limited) ? 'no' : 'no more'} node ports`
        : `ResourceQuota ${namespace}/${name} allows no more (requested ${requested || 'more than it has'}, limit ${limited || 'unknown'})`,
      nodePorts
        ? `Set serviceType: ClusterIP in spec.acme.solvers[].http01.ingress (Istio needs no node port), or raise ResourceQuota ${namespace}/${name}.`
        : `Raise ResourceQuota ${namespace}/${name} so that a solver fits: one Pod, one Service, 10m CPU and 64Mi of memory by default.`,
    );
  }
  if (/failed quota: ([^:\s]+): must specify/.test(verbatim)) {
    const name = /failed quota: ([^:\s]+)/.exec(verbatim)?.[1] ?? '';
    return with_(
      `ResourceQuota ${namespace}/${name} demands requests and limits that the solver's Pod does not set`,
      `Set resources in ${solverSettings}, or a LimitRange with defaults in ${namespace}.`,
    );
  }
  const range =
    /(minimum|maximum) (cpu|memory|ephemeral-storage) usage per (Container|Pod) is ([^,]+), but (request|limit) is ([^,\]]+)/.exec(
      verbatim,
    );
  if (range !== null) {
    const [, edge, resource = '', per = '', bound = '', , asked = ''] = range;
    const limit = limitRangeOf(namespace, situation);
    const unit = resource === 'cpu' ? 'CPU' : resource;
    return with_(
      `${limit} wants at ${edge === 'minimum' ? 'least' : 'most'} ${bound} ${unit} per ${per.toLowerCase()}, and the solver asks for ${quoted(asked)}`,
      `Set resources in ${solverSettings} that the LimitRange admits, start cert-manager with --acme-http01-solver-resource-request-${resource} (and -limits-${resource}), or ${edge === 'minimum' ? 'lower' : 'raise'} the bound.`,
    );
  }
  if (/(?:minimum|maximum|limit to request ratio)/.test(verbatim) && /per (?:Container|Pod)/.test(verbatim)) {
    return with_(
      `${limitRangeOf(namespace, situation)} does not admit its resources`,
      `Set resources in ${solverSettings} that the LimitRange admits.`,
    );
  }
  if (/violates PodSecurity/i.test(verbatim)) {
    const level = /violates PodSecurity "([^"]+)"/.exec(verbatim)?.[1] ?? '';
    return with_(
      `the namespace ${namespace} enforces Pod Security ${level}, which the solver's Pod violates`,
      `Set the securityContext that the level demands in ${solverSettings}, or put the Issuer into a namespace with another level.`,
    );
  }
  const policy = /ValidatingAdmissionPolicy '([^']+)'(?: with binding '([^']+)')? denied request/.exec(verbatim);
  if (policy !== null) {
    return with_(
      `ValidatingAdmissionPolicy ${policy[1]}${policy[2] === undefined ? '' : ` (binding ${policy[2]})`} denies it`,
      `Make the solver fit the policy (${solverSettings}), or exempt objects with the label acme.cert-manager.io/http01-solver=true from ValidatingAdmissionPolicy ${policy[1]}.`,
    );
  }
  const webhook = /admission webhook "([^"]+)" denied the request/.exec(verbatim);
  if (webhook !== null) {
    return with_(
      `the admission webhook ${webhook[1]} denies it`,
      `Make the solver fit what the webhook demands (${solverSettings}), or exempt objects with the label acme.cert-manager.io/http01-solver=true from it.`,
    );
  }
  const calling = /failed calling webhook "([^"]+)"/.exec(verbatim);
  if (calling !== null) {
    return with_(
      `the admission webhook ${calling[1]} does not answer, and its failurePolicy is Fail`,
      `Repair the webhook's service, or remove its WebhookConfiguration where the product is gone.`,
    );
  }
  if (/cannot create resource/.test(verbatim)) {
    return with_(
      'cert-manager has no right to create it',
      "Give cert-manager's ServiceAccount the rights of its Helm chart (ClusterRole cert-manager-controller-challenges).",
    );
  }
  if (/being terminated/.test(verbatim)) {
    return with_(
      `the namespace ${namespace} is being deleted`,
      'Nothing can be created in a namespace that is being deleted.',
    );
  }
  if (/could not find the requested resource|no matches for kind/.test(verbatim)) {
    return with_(
      'the cluster does not have the kind',
      'Install the CustomResourceDefinitions of the Gateway API, and start cert-manager with config.enableGatewayAPI.',
    );
  }
  if (/parentRefs/.test(verbatim) && /must be (?:unique|specified)|Duplicate/i.test(verbatim)) {
    return with_(
      `parentRefs of its HTTPRoute names ${repeatedParents(situation)} more than once without different sectionName or port`,
      'Name the Gateway once in spec.acme.solvers[].http01.gatewayHTTPRoute.parentRefs, or each time with another sectionName. cert-manager 1.20.0 adds a second one by itself from the annotation of the Gateway: use a newer version.',
    );
  }
  return with_('the API server refuses it', `Change what the API server names, for example by ${solverSettings}.`);
}

/** The kind of object that a message is about. */
function partOf(message: string): string | null {
  const named = /\b(pod|service|ingress|httproute)e?s?(?:\.[\w.-]+)? (?:"[^"]*" )?is (?:forbidden|invalid)/i.exec(
    message,
  )?.[1];
  const created = /cannot create resource "(\w+?)(?:es|s)?"/.exec(message)?.[1];
  return parts[(named ?? created ?? '').toLowerCase()] ?? null;
}

function limitRangeOf(namespace: string, situation: Situation): string {
  const ranges = situation
    .all('', 'LimitRange')
    .filter((range) => field(range, 'metadata', 'namespace') === namespace)
    .map((range) => String(field(range, 'metadata', 'name')));
  return ranges.length === 0
    ? `a LimitRange of ${namespace}`
    : `LimitRange ${ranges.map((name) => `${namespace}/${name}`).join(', ')}`;
}

function repeatedParents({ waiting }: Situation): string {
  const parents = field(waiting?.object, 'spec', 'solver', 'http01', 'gatewayHTTPRoute', 'parentRefs');
  const names = Array.isArray(parents)
    ? parents.map((parent) => `${String(field(parent, 'kind') ?? 'Gateway')} ${String(field(parent, 'name'))}`)
    : [];
  return names.find((name, index) => names.indexOf(name) !== index) ?? 'a parent';
}
