import {
  type EvidenceOptions,
  forget,
  goodEvidence,
  logEntry,
  put,
  recorded,
  recordedHttpProbe,
} from '../checks/testing/evidence-fixture.ts';
import type { DnsProbe, Evidence, HttpProbe, ObjectHistory } from '../evidence/evidence.ts';
import { probeNames } from '../evidence/probe-names.ts';
import { text } from '../issuance/recorded-object.ts';
import { type ControlPlanePart, controlPlane } from './control-plane.ts';

/** What the fixture's Challenge waits with. */
export const waitingReason = (detail: string) => `Waiting for HTTP-01 challenge propagation: ${detail}`;

export const fixtureAddress = '198.51.100.7';

/**
 * The good evidence, stopped while its Challenge waits for its first self-check: nothing is valid, nothing was removed, no
 * Secret is written, and no request for the challenge path came through the gateway.
 */
export async function waitingEvidence(options: EvidenceOptions = {}): Promise<Evidence> {
  const evidence = await goodEvidence(options);
  const until = (history: ObjectHistory, keep: (object: unknown) => boolean) => {
    history.states = history.states.filter(({ change, object }) => change !== 'deleted' && keep(object));
  };
  for (const history of evidence.objects) {
    until(history, (object) => !/"state":"(?:valid|ready)"|"reason":"(?:Issued|Ready)"/.test(JSON.stringify(object)));
  }
  forget(evidence, 'Secret');
  evidence.accessLog = evidence.accessLog.filter(({ path }) => path.endsWith('padlock-probe'));
  evidence.probes = evidence.probes.filter(
    ({ kind, name }) => kind === 'http' && name === probeNames.challengePathBefore,
  );
  const { gateway } = evidence.subject;
  const service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { ...gateway, uid: 'gateway-service-uid' },
    status: { loadBalancer: { ingress: [{ ip: fixtureAddress }] } },
  };
  addObject(evidence, service);
  addObject(evidence, {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'IngressClass',
    metadata: { name: 'istio', uid: 'class-uid' },
    spec: { controller: 'istio.io/ingress-controller' },
  });
  for (const pod of evidence.objects.filter(({ kind }) => kind === 'Pod')) {
    put(pod, ['status', 'conditions'], [{ type: 'Ready', status: 'True' }]);
  }
  says(evidence, waitingReason("wrong status code '404', expected '200'"));
  addDns(evidence, [fixtureAddress]);
  return evidence;
}

/** Adds an object in its only state. */
export function addObject(
  evidence: Evidence,
  object: { apiVersion: string; kind: string; metadata: { namespace?: string; name: string; uid: string } } & Record<
    string,
    unknown
  >,
): void {
  const { apiVersion, kind, metadata } = object;
  const { namespace = '', name, uid } = metadata;
  const at = '2026-11-24T09:00:10.000Z';
  evidence.objects.push({ apiVersion, kind, namespace, name, uid, states: [{ at, change: 'existed', object }] });
}

/** Sets what the Challenge says in its last state. */
export function says(evidence: Evidence, reason: string): void {
  const last = recorded(evidence, 'Challenge').states.at(-1);
  if (last === undefined) throw new Error('the Challenge has no state');
  last.object.status = { ...(last.object.status as Record<string, unknown>), state: 'pending', reason };
}

/** Sets what the Issuer says instead of being Ready. */
export function issuerSays(evidence: Evidence, message: string, reason = 'ErrRegisterACMEAccount'): void {
  put(recorded(evidence, 'Issuer'), ['status', 'conditions'], [{ type: 'Ready', status: 'False', reason, message }]);
}

/** Replaces what the host's name resolves to. */
export function addDns(evidence: Evidence, records: readonly string[] | { code: string }): void {
  evidence.probes = evidence.probes.filter((probe) => probe.kind !== 'dns' || probe.type !== 'A');
  evidence.probes.push({
    ...dnsProbe(evidence.subject.host, 'A'),
    outcome: 'code' in records ? { error: `queryA ${records.code}`, code: records.code } : { records: [...records] },
  });
}

/** Adds the IPv6 addresses of the host's name. */
export function addAaaa(evidence: Evidence, records: readonly string[]): void {
  evidence.probes.push({ ...dnsProbe(evidence.subject.host, 'AAAA'), outcome: { records: [...records] } });
}

function dnsProbe(host: string, type: 'A' | 'AAAA'): Omit<DnsProbe, 'outcome'> {
  return {
    ...{ kind: 'dns', name: probeNames.diagnosisDns, at: '2026-11-24T09:00:30.000Z', durationMs: 2 },
    ...{ servers: ['198.51.100.53'], host, type },
  };
}

/** Adds a request for the challenge path of the waiting Challenge. */
export function challengeRequest(evidence: Evidence, entry: Parameters<typeof logEntry>[1]): void {
  const token = text(recorded(evidence, 'Challenge').states[0]?.object, 'spec', 'token');
  evidence.accessLog.push(
    logEntry(15, {
      path: `/.well-known/acme-challenge/${token}`,
      userAgent: 'cert-manager-challenges/v1.21.2',
      ...entry,
    }),
  );
}

/** Sets the state and the reason of the Order in its last state. */
export function orderSays(evidence: Evidence, state: string, reason: string): void {
  const last = recorded(evidence, 'Order').states.at(-1);
  if (last === undefined) throw new Error('the Order has no state');
  last.object.status = { state, reason };
}

/** Makes the Certificate an issued one whose renewal has failed. */
export function renewalFailed(evidence: Evidence): void {
  const certificate = recorded(evidence, 'Certificate');
  put(certificate, ['status', 'lastFailureTime'], '2026-11-24T09:10:00Z');
  put(
    certificate,
    ['status', 'conditions'],
    [
      { type: 'Ready', status: 'True', reason: 'Ready', message: 'Certificate is up to date and has not expired' },
      { type: 'Issuing', status: 'False', reason: 'Failed', message: 'The certificate request has failed to complete' },
    ],
  );
}

/** Makes the Pod of the solver one that is still starting. */
export function startingSolver(evidence: Evidence): void {
  put(recorded(evidence, 'Pod'), ['status'], {
    phase: 'Pending',
    containerStatuses: [{ state: { waiting: { reason: 'ContainerCreating' } } }],
  });
}

/** Before anything in the evidence. */
export const longAgo = '2026-11-24T08:00:00Z';

/** Makes the solver's Pod Ready since before anything in the evidence. */
export function readySolver(evidence: Evidence): void {
  const ready = { type: 'Ready', status: 'True', lastTransitionTime: longAgo };
  put(recorded(evidence, 'Pod'), ['status'], { phase: 'Running', conditions: [ready] });
}

/** Adds the Deployment of a part of the control plane, of which no Pod is available. */
export function stoppedDeployment(evidence: Evidence, part: ControlPlanePart, replicas = 0): void {
  const { name, image } = {
    controller: { name: 'cert-manager', image: 'quay.io/jetstack/cert-manager-controller:v1.21.2' },
    webhook: { name: 'cert-manager-webhook', image: 'quay.io/jetstack/cert-manager-webhook:v1.21.2' },
    istiod: { name: 'istiod', image: 'docker.io/istio/pilot:1.31' },
    dns: { name: 'coredns', image: 'registry.k8s.io/coredns/coredns:v1.13.1' },
  }[part];
  const namespaces = {
    ...{ controller: 'cert-manager', webhook: 'cert-manager' },
    ...{ istiod: 'istio-system', dns: 'kube-system' },
  };
  addObject(evidence, {
    ...{ apiVersion: 'apps/v1', kind: 'Deployment' },
    metadata: {
      ...{ namespace: namespaces[part], name, uid: `${name}-uid` },
      ...{ labels: { [controlPlane[part].label[0]]: controlPlane[part].label[1] } },
    },
    spec: { replicas, template: { spec: { containers: [{ image }] } } },
    status: { conditions: [{ type: 'Available', status: 'False', lastTransitionTime: longAgo }] },
  });
}

/** What a client outside got for the CA's directory: a status, or a code. */
export function directoryAnswers(evidence: Evidence, answer: number | { readonly code: string }): void {
  const challengePath = recordedHttpProbe(evidence, probeNames.challengePathBefore);
  const outcome =
    typeof answer !== 'number'
      ? { error: 'the words of the client', code: answer.code }
      : { ...('status' in challengePath.outcome ? challengePath.outcome : {}), status: answer };
  evidence.probes.push({
    ...challengePath,
    ...{ name: probeNames.diagnosisDirectory, url: 'https://acme.test/dir', trust: 'ca-roots' },
    outcome: outcome as HttpProbe['outcome'],
  });
}

/** Gives the gateway's Service a selector, which Pods of some conditions have. */
export function gatewayPods(evidence: Evidence, ...statuses: readonly Readonly<Record<string, unknown>>[]): void {
  const { gateway } = evidence.subject;
  const labels = { istio: 'ingressgateway' };
  evidence.objects = evidence.objects.filter(({ kind, name }) => kind !== 'Service' || name !== gateway.name);
  addObject(evidence, {
    ...{ apiVersion: 'v1', kind: 'Service', metadata: { ...gateway, uid: 'gateway-service-uid' } },
    ...{ spec: { selector: labels }, status: { loadBalancer: { ingress: [{ ip: fixtureAddress }] } } },
  });
  for (const [index, status] of statuses.entries())
    addObject(evidence, {
      ...{ apiVersion: 'v1', kind: 'Pod', status },
      metadata: {
        ...{ namespace: gateway.namespace, name: `gateway-${index}`, uid: `gateway-pod-${index}` },
        ...{ labels },
      },
    });
}
