import { type AccessLogEntry, hostOfAuthority } from '../evidence/evidence.ts';
import { namesHost } from '../evidence/hosts-of-object.ts';
import { field, list, text, texts } from '../issuance/recorded-object.ts';
import { isAnsweredByGateway } from './challenge-answers.ts';
import { matchesLabels } from './listeners.ts';
import { sentences } from './rule.ts';
import { type CurrentObject, type Situation, titleOf } from './situation.ts';

const challengePaths = '/.well-known/acme-challenge/*';

/** What answers in the gateway's place: a policy, a filter or a direct response. */
export interface GatewayRefusal {
  /** What refuses, a clause with a subject, e.g. `AuthorizationPolicy a/b refuses it`. */
  readonly by: string;
  readonly evidence: readonly string[];
  readonly remedy: string;
}

/** Explains an answer that the gateway gave by itself; null where it did not. */
export function explainRefusal(entry: AccessLogEntry, situation: Situation): GatewayRefusal | null {
  const { responseCodeDetails: details, status, upstreamCluster } = entry;
  const isBareRefusal = details === '-' && upstreamCluster === null && [401, 403, 429].includes(status);
  if (!isAnsweredByGateway(entry) && !isBareRefusal) return null;
  // Redirects have rules of their own.
  if (status >= 300 && status < 400) return null;
  const evidence = [`response_code_details of the gateway's log: ${details}.`];
  const policy = /matched_policy\[ns\[([^\]]+)\]-policy\[([^\]]+)\]/.exec(details);
  if (policy !== null) {
    const [, namespace = '', name = ''] = policy;
    const found = situation.named('security.istio.io', 'AuthorizationPolicy', { namespace, name });
    const action = text(found, 'spec', 'action') ?? 'DENY';
    return {
      by: `AuthorizationPolicy ${namespace}/${name} (action ${action}) refuses it`,
      evidence,
      remedy: `Leave ${challengePaths} out of AuthorizationPolicy ${namespace}/${name}: add notPaths: ["${challengePaths}"] to the operation of each of its rules.`,
    };
  }
  if (/^rbac_access_denied/.test(details)) {
    const allowing = policiesOfGateway(situation, 'ALLOW');
    const names = allowing.map(titleOf).join(', ') || 'an AuthorizationPolicy of the action ALLOW';
    return {
      by: `no rule of ${names} allows it`,
      evidence,
      remedy: `Add a rule that allows ${challengePaths} for everyone (to: operation: paths) to ${names}.`,
    };
  }
  if (/^jwt_authn/.test(details)) {
    const names = selectingGateway(situation, 'RequestAuthentication').map(titleOf).join(', ');
    return {
      by: `${names || 'a RequestAuthentication'} refuses its token (${details})`,
      evidence,
      remedy: `A request without a token passes a RequestAuthentication; see which filter or policy demands one, and leave ${challengePaths} out of it.`,
    };
  }
  if (/^ext_authz/.test(details) || /UAEX/.test(entry.responseFlags)) {
    const names = policiesOfGateway(situation, 'CUSTOM').map(titleOf).join(', ');
    return {
      by: `the external authorization of ${names || 'an AuthorizationPolicy of the action CUSTOM'} refuses it`,
      evidence,
      remedy: `Leave ${challengePaths} out of ${names || 'that policy'}: add notPaths: ["${challengePaths}"] to the operation of each of its rules.`,
    };
  }
  if (/rate_limited/.test(details) || status === 429) {
    return {
      by: 'a rate limit of the gateway refuses it',
      evidence,
      remedy: `Leave ${challengePaths} out of the rate limit (an EnvoyFilter).`,
    };
  }
  if (/^direct_response/.test(details)) {
    const services = situation
      .all('networking.istio.io', 'VirtualService')
      .filter((each) => texts(each, 'spec', 'hosts').some((host) => namesHost(host, hostOfAuthority(entry.authority))))
      .filter((each) => list(each, 'spec', 'http').some((route) => field(route, 'directResponse') !== undefined));
    const names = services.map(titleOf).join(', ');
    return {
      by: `${names === '' ? 'a direct response' : `the directResponse of ${names}`} answers in place of the solver`,
      evidence,
      remedy: `Let ${names === '' ? 'that route' : names} not match ${challengePaths}, so that the solver's route is taken.`,
    };
  }
  const candidates = policiesOfGateway(situation, 'DENY', 'ALLOW', 'CUSTOM').map(titleOf);
  return {
    by: `the gateway itself refuses it${candidates.length === 0 ? '' : `; policies that apply to it are ${candidates.join(', ')}`}`,
    evidence: sentences(...evidence),
    remedy: `Leave ${challengePaths} out of the policy that refuses.`,
  };
}

/** The AuthorizationPolicies of some actions that apply to the gateway. */
export function policiesOfGateway(situation: Situation, ...actions: readonly string[]): readonly CurrentObject[] {
  return selectingGateway(situation, 'AuthorizationPolicy').filter((policy) =>
    actions.includes(text(policy, 'spec', 'action') ?? 'ALLOW'),
  );
}

/** Policies of security.istio.io that apply to the gateway: by selector, by targetRefs, or to all of a namespace. */
export function selectingGateway(situation: Situation, kind: string): readonly CurrentObject[] {
  const pods = situation.gatewayPods;
  const { namespace } = situation.input.subject.gateway;
  return situation.all('security.istio.io', kind).filter((policy) => {
    const own = text(policy, 'metadata', 'namespace');
    if (own !== namespace && own !== situation.mesh.rootNamespace) return false;
    if (list(policy, 'spec', 'targetRefs').length > 0) {
      const names = pods.map((pod) => field(pod, 'metadata', 'labels', 'gateway.networking.k8s.io/gateway-name'));
      return list(policy, 'spec', 'targetRefs').some((target) => names.includes(text(target, 'name')));
    }
    const selector = field(policy, 'spec', 'selector');
    if (selector === undefined) return true;
    return pods.length === 0 || pods.some((pod) => matchesLabels(selector, field(pod, 'metadata', 'labels')));
  });
}
