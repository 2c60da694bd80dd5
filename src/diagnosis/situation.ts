import type { DnsProbe, Evidence, HttpProbe, ObjectHistory, ObjectReference, TlsProbe } from '../evidence/evidence.ts';
import { namesHost } from '../evidence/hosts-of-object.ts';
import { probeNames } from '../evidence/probe-names.ts';
import { type SecretFacts, secretFactsField, secretFactsSchema } from '../evidence/secret-facts.ts';
import { findIssuance, type Issuance, type RecordedChallenge } from '../issuance/issuance.ts';
import {
  type Condition,
  condition,
  deletion,
  field,
  groupOf,
  historiesOf,
  lastLivingState,
  list,
  ownerUids,
  text,
} from '../issuance/recorded-object.ts';
import type { LinkId } from './link-ids.ts';
import type { BetweenClusters, MeshFacts, Surroundings } from './surroundings.ts';

/** The parts of evidence that a diagnosis needs: recorded by a scenario, or gathered from a live cluster by a trace. */
export type DiagnosisInput = Pick<
  Evidence,
  'subject' | 'objects' | 'accessLog' | 'probes' | 'gatewayConfigs' | 'logs' | 'problems'
> & {
  readonly ca: Pick<Evidence['ca'], 'userAgent' | 'roots'>;
  readonly surroundings?: Surroundings;
};

/** A Kubernetes object in its latest state. */
export type CurrentObject = Readonly<Record<string, unknown>>;

/** How a trace says that an access log was read and has no request for the host. */
export const noneArrived = "is in the gateway's log: none arrived.";

/** The defaults of MeshConfig. */
const defaultMesh: MeshFacts = {
  source: '',
  ingressSelector: '',
  ingressService: 'istio-ingressgateway',
  ingressClass: 'istio',
  ingressControllerMode: 'STRICT',
  rootNamespace: 'istio-system',
};

/** Evidence as the rules of a diagnosis read it: what exists now, by its part in the issuance. */
export class Situation {
  readonly input: DiagnosisInput;
  readonly issuance: Issuance;

  constructor(input: DiagnosisInput, issuance: Issuance = findIssuance(input)) {
    this.input = input;
    this.issuance = issuance;
  }

  get host(): string {
    return this.input.subject.host;
  }

  get certificate(): CurrentObject | null {
    return this.issuance.certificate === undefined ? null : present(this.issuance.certificate);
  }

  get certificateName(): string {
    return `Certificate ${qualified(this.input.subject.certificate)}`;
  }

  get certificateReady(): Condition | null {
    return condition(this.certificate, 'Ready');
  }

  get certificateIssuing(): Condition | null {
    return condition(this.certificate, 'Issuing');
  }

  /**
   * Whether a renewal is under way or has failed. Ready then stays True for the previous certificate, which is still valid
   * and served.
   */
  get renewal(): 'under way' | 'failed' | null {
    if (this.certificateReady?.status !== 'True') return null;
    if (this.certificateIssuing?.status === 'True') return 'under way';
    return text(this.certificate, 'status', 'lastFailureTime') === null ? null : 'failed';
  }

  /** Whether there is nothing left to issue. */
  get isIssued(): boolean {
    return this.certificateReady?.status === 'True' && this.renewal === null;
  }

  /** The last link that what came after it proves; null while nothing does. */
  get provenLink(): LinkId | null {
    if (this.isIssued) return this.servesIssued ? 'permission' : 'secret';
    const state = text(this.order, 'status', 'state');
    const said = text(this.order, 'status', 'reason') ?? condition(this.request, 'Ready')?.message ?? '';
    if (state === 'ready' || state === 'processing' || state === 'valid') return 'ca-request';
    if (state === 'errored' && /finaliz/i.test(said)) return 'ca-request';
    return this.failedChallenge === null ? null : 'self-check';
  }

  /** Whether the certificate that the host serves is the one in the Secret. */
  get servesIssued(): boolean {
    const { tls } = this;
    const wanted = this.secret(this.input.subject.secret)?.certificates[0];
    if (tls === null || 'error' in tls.outcome || wanted === undefined) return false;
    return tls.outcome.chain[0]?.fingerprintSha256 === wanted.fingerprintSha256;
  }

  /** Istio's mesh configuration; its defaults where it was not seen. */
  get mesh(): MeshFacts {
    return this.input.surroundings?.mesh ?? defaultMesh;
  }

  /** What was found between the clusters of a mesh; null where the control plane has no API server of its own. */
  get betweenClusters(): BetweenClusters | null {
    return this.input.surroundings?.betweenClusters ?? null;
  }

  /** The Pods that the Service of the gateway selects; empty where they were not seen. */
  get gatewayPods(): readonly CurrentObject[] {
    const selector = field(this.named('', 'Service', this.input.subject.gateway), 'spec', 'selector');
    const wanted = Object.entries(typeof selector === 'object' && selector !== null ? selector : {});
    if (wanted.length === 0) return [];
    const { namespace } = this.input.subject.gateway;
    return this.all('', 'Pod').filter(
      (pod) =>
        text(pod, 'metadata', 'namespace') === namespace &&
        wanted.every(([name, value]) => field(pod, 'metadata', 'labels', name) === value),
    );
  }

  /** The time of the latest look at anything, in ms since the epoch. */
  get now(): number {
    const times = [
      ...this.input.objects.map(({ states }) => states.at(-1)?.at ?? ''),
      ...this.input.probes.map(({ at }) => at),
    ];
    return Date.parse(times.toSorted().at(-1) ?? '');
  }

  /** How long an object has existed, in ms; NaN where its birth is unknown. */
  ageOf(object: unknown): number {
    return this.now - Date.parse(text(object, 'metadata', 'creationTimestamp') ?? '');
  }

  /** What Kubernetes events say about an object: the messages, the newest last. */
  eventsOf(object: unknown): readonly { readonly reason: string; readonly message: string }[] {
    const uid = text(object, 'metadata', 'uid');
    if (uid === null) return [];
    const timeOf = (event: CurrentObject) =>
      text(event, 'lastTimestamp') ?? text(event, 'eventTime') ?? text(event, 'metadata', 'creationTimestamp') ?? '';
    return this.all('', 'Event')
      .filter((event) => text(event, 'involvedObject', 'uid') === uid)
      .toSorted((one, other) => timeOf(one).localeCompare(timeOf(other)))
      .map((event) => ({ reason: text(event, 'reason') ?? '', message: text(event, 'message') ?? '' }));
  }

  /** The newest Challenge of the present Order that the CA rejected. */
  get failedChallenge(): RecordedChallenge | null {
    const own = text(this.order, 'metadata', 'uid');
    return (
      this.issuance.challenges.findLast(
        ({ history }) =>
          history.states.some(({ object }) => isRejected(object)) &&
          // Of an earlier attempt it says nothing of the present one.
          (own === null || ownerUids(history).has(own)),
      ) ?? null
    );
  }

  /** The Issuer, or the ClusterIssuer if the Certificate names one. */
  get issuer(): CurrentObject | null {
    const { issuer } = this.input.subject;
    return this.all('cert-manager.io', this.issuerKind).find((each) => isNamed(each, issuer)) ?? null;
  }

  /** `Issuer`, `ClusterIssuer`, or the kind of an issuer of another group. */
  get issuerKind(): string {
    return text(this.certificate, 'spec', 'issuerRef', 'kind') ?? 'Issuer';
  }

  /** Whether the issuer is of one of cert-manager's own kinds. Other groups are not read. */
  get isIssuerOfCertManager(): boolean {
    const group = text(this.certificate, 'spec', 'issuerRef', 'group') ?? 'cert-manager.io';
    return group === 'cert-manager.io' && ['Issuer', 'ClusterIssuer'].includes(this.issuerKind);
  }

  get issuerName(): string {
    const { namespace, name } = this.input.subject.issuer;
    return this.issuerKind === 'Issuer' ? `Issuer ${namespace}/${name}` : `${this.issuerKind} ${name}`;
  }

  /** The newest CertificateRequest that still exists. */
  get request(): CurrentObject | null {
    return newest(this.issuance.requests.map(({ history }) => history));
  }

  /** The newest Order that still exists. */
  get order(): CurrentObject | null {
    return newest(this.issuance.orders.map(({ history }) => history));
  }

  /** The Challenges that still exist, the newest last. */
  get challenges(): readonly RecordedChallenge[] {
    const there = this.issuance.challenges.filter(({ history }) => present(history) !== null);
    return there.toSorted((one, other) => compareAge(one.history, other.history));
  }

  /**
   * The Challenge that the issuance waits for: of those that exist and are not valid, the newest one for the host of the
   * diagnosis, else the newest one for a wildcard above it, else the newest. With several names, several Challenges wait at
   * once.
   */
  get waiting(): WaitingChallenge | null {
    const waiting = this.challenges.filter(({ history }) => text(present(history), 'status', 'state') !== 'valid');
    const found =
      waiting.findLast(({ dnsName }) => dnsName === this.host) ??
      waiting.findLast((challenge) => isForWildcardOf(challenge, this.host)) ??
      waiting.at(-1);
    return found === undefined ? null : new WaitingChallenge(found);
  }

  /** Every object of a kind that exists now. */
  all(group: string, kind: string): readonly CurrentObject[] {
    return existing(this.input.objects.filter((history) => groupOf(history) === group && history.kind === kind));
  }

  named(group: string, kind: string, reference: ObjectReference): CurrentObject | null {
    const last = historiesOf(this.input.objects, group, kind, reference).at(-1);
    return last === undefined ? null : present(last);
  }

  /** Whether a kind could not be read. Then its absence proves nothing. */
  couldNotSee(kind: string): boolean {
    const told = new RegExp(`\\b(?:list|get) ${kind}\\b|\\b${kind} could not\\b`);
    return this.input.problems.some((problem) => told.test(problem));
  }

  /** Whether the gateway's access log was read, so that a request that is not in it did not come. */
  get seesAccessLog(): boolean {
    const { accessLog, problems } = this.input;
    return accessLog.length > 0 || problems.some((problem) => problem.endsWith(noneArrived));
  }

  secret(reference: ObjectReference): SecretFacts | null {
    return secretFactsSchema.safeParse(this.named('', 'Secret', reference)?.[secretFactsField]).data ?? null;
  }

  /** The last answer of the name servers about a host, for each record type. */
  dns(host: string): readonly DnsProbe[] {
    const answers = this.input.probes
      .filter((probe) => probe.kind === 'dns')
      .filter((probe) => probe.name === probeNames.diagnosisDns && probe.host === host);
    return [...new Map(answers.map((probe) => [probe.type, probe])).values()];
  }

  /** The answer for the challenge path of a Challenge, from outside. */
  challengeAnswer({ host, path }: WaitingChallenge): HttpProbe | null {
    return (
      this.input.probes
        .filter((probe) => probe.kind === 'http')
        .findLast(({ name, url }) => name === probeNames.diagnosisChallengePath && url === `http://${host}${path}`) ??
      null
    );
  }

  /** The last answer of the CA's directory to a client outside; null where nobody asked. */
  get directory(): HttpProbe | null {
    const answers = this.input.probes.filter((probe) => probe.kind === 'http');
    return answers.findLast(({ name }) => name === probeNames.diagnosisDirectory) ?? null;
  }

  /** The last probe of what is served for the host. */
  get tls(): TlsProbe | null {
    const looks = this.input.probes.filter((probe) => probe.kind === 'tls' && probe.trust === 'ca-roots');
    return (looks.findLast(({ name }) => name === probeNames.diagnosisTls) ?? looks.at(-1) ?? null) as TlsProbe | null;
  }

  /** The addresses of the gateway's Service. */
  get gatewayAddresses(): readonly string[] {
    const service = this.named('', 'Service', this.input.subject.gateway);
    return list(service, 'status', 'loadBalancer', 'ingress').flatMap(
      (entry) => text(entry, 'ip') ?? text(entry, 'hostname') ?? [],
    );
  }

  get gatewayName(): string {
    return qualified(this.input.subject.gateway);
  }
}

/** A Challenge that exists and is not valid, with what was created to solve it. */
export class WaitingChallenge {
  readonly recorded: RecordedChallenge;
  readonly object: CurrentObject;

  constructor(recorded: RecordedChallenge) {
    this.recorded = recorded;
    this.object = present(recorded.history) ?? {};
  }

  get name(): string {
    return `Challenge ${qualified(this.recorded.history)}`;
  }

  get host(): string {
    return this.recorded.dnsName ?? '';
  }

  get type(): string {
    return text(this.object, 'spec', 'type') ?? 'HTTP-01';
  }

  get state(): string {
    return text(this.object, 'status', 'state') ?? 'not yet looked at';
  }

  /** Without the port of the client, which is another one at each attempt, so that two traces of one state say the same. */
  get reason(): string {
    return (text(this.object, 'status', 'reason') ?? '').replace(/\b(read|write) tcp \S+->/g, '$1 tcp …->');
  }

  /** Whether it is over, one way or the other: cert-manager then cleans up. */
  get isEnded(): boolean {
    return ['valid', 'invalid', 'errored', 'expired'].includes(this.state);
  }

  /** Whether it waits for cert-manager's own self-check to pass. */
  get waitsForSelfCheck(): boolean {
    return /^Waiting for .* propagation/.test(this.reason);
  }

  get path(): string {
    return `/.well-known/acme-challenge/${this.recorded.token ?? ''}`;
  }

  get pods(): readonly CurrentObject[] {
    return existing(this.recorded.pods);
  }

  get services(): readonly CurrentObject[] {
    return existing(this.recorded.services);
  }

  /** Its Ingresses or HTTPRoutes. */
  get routes(): readonly CurrentObject[] {
    return existing(this.recorded.routes);
  }
}

/** Whether the CA has decided against a Challenge, or it ended otherwise. */
export function isRejected(challenge: unknown): boolean {
  return ['invalid', 'errored', 'expired'].includes(text(challenge, 'status', 'state') ?? '');
}

/** RFC 8555 section 7.1.4: the authorization of a wildcard names its base domain. */
function isForWildcardOf({ history, dnsName }: RecordedChallenge, host: string): boolean {
  const isWildcard = field(present(history), 'spec', 'wildcard') === true;
  return isWildcard && dnsName !== null && namesHost(`*.${dnsName}`, host);
}

function present(history: ObjectHistory): CurrentObject | null {
  return deletion(history) === undefined ? (lastLivingState(history)?.object ?? null) : null;
}

function existing(histories: readonly ObjectHistory[]): readonly CurrentObject[] {
  return histories.map(present).filter((object) => object !== null);
}

function newest(histories: readonly ObjectHistory[]): CurrentObject | null {
  return existing(histories.toSorted(compareAge)).at(-1) ?? null;
}

/** Orders by age, the newest last. Lists are in order of name, in which `a-10` comes before `a-9`. */
function compareAge(one: ObjectHistory, other: ObjectHistory): number {
  const [born, otherBorn] = [one, other].map(({ states }) =>
    Date.parse(text(states.at(-1)?.object, 'metadata', 'creationTimestamp') ?? ''),
  );
  const [revision, otherRevision] = [one, other].map(({ states }) =>
    Number(text(states.at(-1)?.object, 'metadata', 'annotations', 'cert-manager.io/certificate-revision')),
  );
  return difference(born, otherBorn) || difference(revision, otherRevision);
}

function difference(one: number | undefined, other: number | undefined): number {
  const found = (one ?? Number.NaN) - (other ?? Number.NaN);
  return Number.isNaN(found) ? 0 : found;
}

export function qualified({ namespace, name }: ObjectReference): string {
  return namespace === '' ? name : `${namespace}/${name}`;
}

/** `Kind namespace/name` of an object. */
export function titleOf(object: CurrentObject): string {
  const namespace = text(object, 'metadata', 'namespace');
  const name = text(object, 'metadata', 'name') ?? 'without a name';
  return `${text(object, 'kind') ?? 'Object'} ${namespace === null ? name : `${namespace}/${name}`}`;
}

function isNamed(object: CurrentObject, { namespace, name }: ObjectReference): boolean {
  const own = text(object, 'metadata', 'namespace');
  return text(object, 'metadata', 'name') === name && (own === null || own === namespace);
}
