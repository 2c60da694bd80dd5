import { insideWords } from '../diagnosis/inside-view.ts';
import { type CurrentObject, type DiagnosisInput, qualified, Situation, titleOf } from '../diagnosis/situation.ts';
import type { ObjectHistory, Probe } from '../evidence/evidence.ts';
import { condition, describeCondition, list, text } from '../issuance/recorded-object.ts';

/** A station on the path from the Certificate to the browser, with its state. */
export interface Station {
  /** How deep it lies below the Certificate. */
  readonly depth: number;
  readonly name: string;
  readonly state: string;
}

/**
 * The path of an issuance: Certificate, CertificateRequest, Order, Challenges, solver, gateway, name, answer
 * and served certificate, each with its state.
 */
export function walk(input: DiagnosisInput): Station[] {
  const situation = new Situation(input);
  return [
    station(0, situation.certificateName, describeCondition('Ready', situation.certificateReady)),
    station(
      1,
      situation.issuerName,
      situation.issuer === null ? 'not seen' : describeCondition('Ready', condition(situation.issuer, 'Ready')),
    ),
    ...(situation.request === null
      ? []
      : [station(1, titleOf(situation.request), describeCondition('Ready', condition(situation.request, 'Ready')))]),
    ...(situation.order === null ? [] : [station(2, titleOf(situation.order), stateOf(situation.order))]),
    ...situation.challenges.flatMap(({ history, dnsName, pods, services, routes }) => [
      station(
        3,
        `Challenge ${qualified(history)}`,
        `${stateOf(lastObject(history))}${dnsName === null ? '' : `, for ${dnsName}`}`,
      ),
      ...[...pods, ...services, ...routes].map((solver) =>
        station(4, `${solver.kind} ${qualified(solver)}`, solverState(lastObject(solver))),
      ),
    ]),
    ...secretStation(situation),
    station(0, `Gateway ${situation.gatewayName}`, `address ${situation.gatewayAddresses.join(', ') || 'none'}`),
    ...input.gatewayConfigs.flatMap(({ pod, listeners, routes, secrets }) => [
      station(
        1,
        `Envoy in ${pod}`,
        `listens on ${listeners.map(({ port, state }) => (state === 'active' ? port : `${port} (${state})`)).join(', ') || 'no port'}`,
      ),
      ...routes.map(({ routeConfig, domain, match, target }) =>
        station(2, `${routeConfig} ${domain}`, `${match} → ${target}`),
      ),
      ...secrets
        .filter(({ name }) => name.startsWith('kubernetes://'))
        .map(({ name, state }) => station(2, `secret ${name}`, state)),
    ]),
    ...input.probes.map((probe) => station(0, probeName(probe), probeState(probe))),
    ...insideStation(input),
  ];
}

function station(depth: number, name: string, state: string): Station {
  return { depth, name, state };
}

function stateOf(object: CurrentObject): string {
  const state = text(object, 'status', 'state') ?? 'no state yet';
  const reason = text(object, 'status', 'reason');
  return reason === null ? state : `${state}: ${reason}`;
}

function lastObject(history: ObjectHistory): CurrentObject {
  return history.states.at(-1)?.object ?? {};
}

function solverState(object: CurrentObject): string {
  switch (text(object, 'kind')) {
    case 'Pod':
      return describeCondition('Ready', condition(object, 'Ready'));
    case 'Ingress': {
      const name =
        text(object, 'spec', 'ingressClassName') ??
        text(object, 'metadata', 'annotations', 'kubernetes.io/ingress.class');
      const addresses = list(object, 'status', 'loadBalancer', 'ingress').map(
        (entry) => text(entry, 'ip') ?? text(entry, 'hostname') ?? '',
      );
      return `class ${name ?? 'none'}, address ${addresses.join(', ') || 'none'}`;
    }
    case 'HTTPRoute': {
      const parents = list(object, 'status', 'parents').flatMap((parent) => list(parent, 'conditions'));
      return (
        parents.map((each) => `${text(each, 'type')} ${text(each, 'status')} (${text(each, 'reason')})`).join(', ') ||
        'not accepted by any Gateway'
      );
    }
    default:
      return 'there';
  }
}

function secretStation(situation: Situation): Station[] {
  const { secret } = situation.input.subject;
  const [leaf] = situation.secret(secret)?.certificates ?? [];
  const state =
    leaf === undefined
      ? 'missing or without a certificate'
      : `certificate ${leaf.serialNumber} for ${leaf.dnsNames.join(', ')}, valid until ${leaf.notAfter}`;
  return [station(1, `Secret ${qualified(secret)}`, state)];
}

function insideStation({ subject, surroundings }: DiagnosisInput): Station[] {
  const inside = surroundings?.inside ?? null;
  if (inside === null) return [];
  return [station(0, `${subject.host} from Pod ${inside.pod}`, insideWords(inside))];
}

function probeName(probe: Probe): string {
  switch (probe.kind) {
    case 'dns':
      return `DNS ${probe.type} ${probe.host}`;
    case 'http':
      return probe.url;
    case 'tls':
      return `TLS ${probe.serverName} at ${probe.address}`;
    case 'browser':
      return `Browser ${probe.url}`;
    case 'tls-series':
      return `TLS ${probe.serverName} at ${probe.address}, a connection every ${probe.intervalMs} ms`;
    case 'open-connection':
      return `${probe.url} on one connection`;
  }
}

function probeState({ outcome }: Probe): string {
  if ('error' in outcome) return outcome.code === null ? outcome.error : `${outcome.error} (${outcome.code})`;
  if ('unavailable' in outcome) return outcome.unavailable;
  if ('records' in outcome) return outcome.records.join(', ') || 'no address';
  if ('authorized' in outcome) {
    const [leaf] = outcome.chain;
    return `serves the certificate ${leaf?.serialNumber ?? 'none'} for ${leaf?.dnsNames.join(', ') ?? 'no name'}`;
  }
  if ('connections' in outcome) return `${outcome.failed} of ${outcome.connections} connections failed`;
  if ('requests' in outcome) return `${outcome.failed} of ${outcome.requests} requests failed`;
  return `status ${outcome.status}`;
}
