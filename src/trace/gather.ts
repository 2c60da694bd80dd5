import { orderNotPlaced } from '../diagnosis/ca-no-answer.ts';
import { type CurrentObject, type DiagnosisInput, Situation } from '../diagnosis/situation.ts';
import type { BetweenClusters, InsideView, Surroundings } from '../diagnosis/surroundings.ts';
import { everyTlsServer } from '../diagnosis/tls-servers.ts';
import { messageOf } from '../error-message.ts';
import type { AccessLogFormat } from '../evidence/access-log/log-field.ts';
import { certificateFacts, certificatesInPem } from '../evidence/certificate-facts.ts';
import type { DnsProbe, ObjectReference, Probe, Subject } from '../evidence/evidence.ts';
import { probeNames } from '../evidence/probe-names.ts';
import { readComponentLogs } from '../evidence/recorders/component-logs.ts';
import { withApi } from '../evidence/recorders/object-histories.ts';
import { condition, field, lastLivingState, list, text, texts } from '../issuance/recorded-object.ts';
import { KubeError } from '../kube/kube-error.ts';
import type { KubeObject } from '../kube/kube-object.ts';
import { UserError } from '../user-error.ts';
import { ClusterView } from './cluster-view.ts';
import { type GatewayOfHost, gatewayOfHost } from './gateway-of-host.ts';
import type { Outside } from './outside.ts';
import { readAccessLog } from './read-access-log.ts';
import { readObjects } from './reads.ts';
import { absentKinds, nameRecords, readMesh } from './surroundings.ts';
import type { TracedCluster } from './traced-cluster.ts';

const environmentExitCode = 3;
const certManager = 'cert-manager.io/v1';
const probeWithinMs = 3_000;
/** istiod may have refused a Secret hours ago and not been asked for it since. */
const longestLogMs = 86_400_000;
/** Evidence before anything was looked at. */
const nothing = {
  accessLog: [],
  probes: [],
  gatewayConfigs: [],
  logs: [],
  problems: [],
  ca: { userAgent: '', roots: [] },
} satisfies Partial<DiagnosisInput>;

export interface TraceRequest {
  readonly cluster: TracedCluster;
  readonly namespace: string;
  /** The Certificate's. */
  readonly name: string;
  /** Null where nobody looks from outside, as for a bundle. */
  readonly outside: Outside | null;
  /** The name servers that are asked for the host, as IP addresses. */
  readonly nameServers: readonly string[];
  /** Whether a Pod looks from inside the cluster, too: it is made for it and removed. */
  readonly fromInside?: boolean;
  /** PEM: the roots that clients trust; empty if unknown. */
  readonly caRoots: readonly string[];
  /** The formats of the gateway's access log that the user gave. */
  readonly accessLogFormats?: readonly AccessLogFormat[];
  readonly signal: AbortSignal;
}

/**
 * Inspects a Certificate and its whole path, from the Issuer to the certificate that the host serves, without changing anything.
 * What cannot be seen becomes a sentence of `problems`.
 *
 * @throws UserError if there is no cert-manager or no such Certificate, or the user may not read it
 */
export async function gather(request: TraceRequest): Promise<DiagnosisInput> {
  const { cluster, namespace, name, signal } = request;
  const view = new ClusterView(cluster, signal);
  const certificate = await theCertificate(request);
  await view.get({ apiVersion: certManager, kind: 'Certificate', namespace, name });

  const issuerKind = text(certificate, 'spec', 'issuerRef', 'kind') ?? 'Issuer';
  const issuerName = text(certificate, 'spec', 'issuerRef', 'name') ?? '';
  const [mesh, absent] = await Promise.all([
    readMesh(view),
    absentKinds(view, certificate),
    view.get({
      apiVersion: certManager,
      kind: issuerKind,
      name: issuerName,
      ...(issuerKind === 'ClusterIssuer' ? {} : { namespace }),
    }),
    readObjects(view, certificate),
  ]);
  if (!(await view.has({ apiVersion: 'networking.istio.io/v1', kind: 'Gateway' }))) {
    view.note('The cluster has no Istio (no kind Gateway in networking.istio.io), so no Istio gateway was inspected.');
  }

  const challenges = challengesOf(view, { namespace, name });
  const host = hostOf(certificate, challenges);
  if (request.outside === null) {
    view.note(
      `Nobody looked from outside: the addresses of ${host}, the answer of its challenge path and the certificate that it serves were not seen.`,
    );
  }
  const solver = solverOf(challenges, host);
  const dns = await addressesOfHost(request, host);
  const gateway = await gatewayOfHost(view, host, parentOf(solver, namespace), recordsOf(dns));
  if (gateway === null) view.note("No Pod of a gateway could be seen, so the gateway's side was not looked at.");
  const subject: Subject = {
    host,
    issuer: { namespace: issuerKind === 'ClusterIssuer' ? '' : namespace, name: issuerName },
    certificate: { namespace, name },
    secret: { namespace, name: text(certificate, 'spec', 'secretName') ?? '' },
    solver: solver === null ? 'ingress' : kindOfSolver(solver),
    gateway: gateway?.service ?? { namespace: 'istio-system', name: 'istio-ingressgateway' },
    application: { service: '', port: 0 },
  };
  const inside = request.fromInside ? await lookFromInside(request, view, { host, gateway, challenges }) : null;
  const [probes, records, accessLog, configs, logs, credentials] = await Promise.all([
    look(request, subject, view, challenges, dns),
    request.outside === null || isIssued(certificate) ? [] : nameRecords(request.outside, host, request.nameServers),
    gateway === null
      ? []
      : readAccessLog({
          ...{ cluster, view, gateway, host, signal },
          given: request.accessLogFormats ?? [],
          isAwaited: challenges.some((each) => text(each, 'spec', 'dnsName') === host),
        }),
    gateway === null ? { configs: [], problems: [] } : cluster.gatewayConfigs(gateway.pods, host, signal),
    readComponentLogs(cluster, {
      since: new Date(
        Math.max(Date.parse(String(certificate.metadata.creationTimestamp)), cluster.now().getTime() - longestLogMs),
      ),
      about: [host, name, issuerName, subject.secret.name, orderNotPlaced],
      near: [namespace, subject.gateway.namespace],
      signal,
    }),
    secretsOf(view, subject, { absentKinds: absent, mesh, nameRecords: [], inside: null, betweenClusters: null }),
  ]);
  return {
    subject,
    objects: withApi(view.objects, cluster),
    accessLog,
    probes: [...dns, ...probes],
    gatewayConfigs: configs.configs,
    logs: logs.logs,
    problems: [...new Set([...view.problems, ...configs.problems, ...logs.problems])],
    ca: {
      userAgent: '',
      roots: request.caRoots.flatMap(certificatesInPem).map((pem) => certificateFacts(pem)),
    },
    surroundings: {
      absentKinds: absent,
      mesh,
      nameRecords: records,
      inside,
      betweenClusters: await lookBetween(request, host, gateway, credentials),
    },
  };
}

/** What stands between the gateway's cluster and a control plane that has an API server of its own; null without one. */
async function lookBetween(
  { cluster, signal }: TraceRequest,
  host: string,
  gateway: GatewayOfHost | null,
  credentials: readonly ObjectReference[],
): Promise<BetweenClusters | null> {
  if (cluster.istio === null) return null;
  const gatewayPods = gateway === null ? [] : await podsOf(cluster, gateway, signal);
  return await cluster.lookBetweenClusters({ host, gatewayPods, credentials }, signal);
}

async function podsOf(
  cluster: TracedCluster,
  { pods, service: { namespace } }: GatewayOfHost,
  signal: AbortSignal,
): Promise<readonly KubeObject[]> {
  const names = new Set(pods.map(({ name }) => name));
  const found = await cluster.list({ apiVersion: 'v1', kind: 'Pod', namespace }, signal).catch((error: unknown) => {
    // The search for the gateway has said so.
    if (error instanceof KubeError) return [];
    throw error;
  });
  return found.filter(({ metadata }) => names.has(metadata.name));
}

function isIssued(certificate: KubeObject): boolean {
  return condition(certificate, 'Ready')?.status === 'True';
}

/** The addresses of the host, of both families. A certificate for IP addresses alone has no name to be looked at. */
async function addressesOfHost({ outside, nameServers }: TraceRequest, host: string): Promise<DnsProbe[]> {
  if (host === '' || outside === null) return [];
  const ask = (type: 'A' | 'AAAA') =>
    outside.dns({ withinMs: probeWithinMs, name: probeNames.diagnosisDns, servers: [...nameServers], host, type });
  return Promise.all([ask('A'), ask('AAAA')]);
}

function recordsOf(dns: readonly DnsProbe[]): readonly string[] {
  return dns.flatMap(({ outcome }) => ('records' in outcome ? outcome.records : []));
}

async function theCertificate({ cluster, namespace, name, signal }: TraceRequest): Promise<KubeObject> {
  const reference = { apiVersion: certManager, kind: 'Certificate', namespace, name };
  try {
    if (!(await cluster.has(reference))) {
      throw new UserError(
        `${cluster.title} has no cert-manager (no kind Certificate in ${certManager}). ${cluster.ifWrong}`,
        { exitCode: environmentExitCode },
      );
    }
    const certificate = await cluster.get(reference, signal);
    if (certificate !== undefined) return certificate;
  } catch (error) {
    if (error instanceof KubeError) throw new UserError(error.message, { exitCode: environmentExitCode, cause: error });
    throw error;
  }
  throw new UserError(`${cluster.title} has no Certificate ${name} in the namespace ${namespace}.`);
}

/** The Challenges of the Certificate, and not those of another one for the same host. */
function challengesOf(view: ClusterView, certificate: Subject['certificate']): readonly CurrentObject[] {
  const subject: Subject = {
    ...{ host: '', issuer: certificate, certificate, secret: certificate, solver: 'ingress' },
    ...{ gateway: certificate, application: { service: '', port: 0 } },
  };
  const situation = new Situation({ ...nothing, subject, objects: view.objects });
  return situation.challenges.map(({ history }) => lastLivingState(history)?.object ?? {});
}

/** The host that is looked at: that of a Challenge that waits, else the first name; for a wildcard a name below it. */
function hostOf(certificate: KubeObject, challenges: readonly CurrentObject[]): string {
  const names = texts(certificate, 'spec', 'dnsNames');
  const waiting = challenges.find(
    (challenge) =>
      names.some((pattern) => pattern.replace(/^\*\./, '') === text(challenge, 'spec', 'dnsName')) &&
      text(challenge, 'status', 'state') !== 'valid',
  );
  const name = text(waiting, 'spec', 'dnsName') ?? names[0] ?? text(certificate, 'spec', 'commonName') ?? '';
  return name.replace(/^\*\./, 'padlock.');
}

function solverOf(challenges: readonly CurrentObject[], host: string): unknown {
  const own = challenges.filter((challenge) => text(challenge, 'spec', 'dnsName') === host);
  // For a wildcard the host is a name below the Challenge's.
  return field(own.at(-1) ?? challenges.at(-1) ?? null, 'spec', 'solver') ?? null;
}

function kindOfSolver(solver: unknown): Subject['solver'] {
  if (field(solver, 'dns01') !== undefined) return 'dns01';
  return field(solver, 'http01', 'gatewayHTTPRoute') === undefined ? 'ingress' : 'gateway-httproute';
}

function parentOf(solver: unknown, ownNamespace: string): { namespace: string; name: string } | null {
  const [parent] = list(solver, 'http01', 'gatewayHTTPRoute', 'parentRefs');
  const name = text(parent, 'name');
  return name === null ? null : { namespace: text(parent, 'namespace') ?? ownNamespace, name };
}

/** Reads the Secrets that decide what is served. @returns the Certificate's, and those that Gateways use for the host */
async function secretsOf(
  view: ClusterView,
  subject: Subject,
  surroundings: Surroundings,
): Promise<readonly ObjectReference[]> {
  const situation = new Situation({ ...nothing, subject, objects: view.objects, surroundings });
  const servers = everyTlsServer(situation);
  const wanted = [
    subject.secret,
    ...servers.map(({ credential }) => credential),
    // Where Istio looks for the CA of clients.
    ...servers
      .filter(({ spec }) => /MUTUAL$/.test(text(spec, 'tls', 'mode') ?? ''))
      .map(({ credential }) => ({ ...credential, name: `${credential.name}-cacert` })),
  ];
  const distinct = new Map(wanted.map((each) => [`${each.namespace}/${each.name}`, each]));
  await Promise.all(
    [...distinct.values()].map((reference) => view.get({ apiVersion: 'v1', kind: 'Secret', ...reference })),
  );
  return [...distinct.values()];
}

/** What a Pod inside the cluster sees; null where none can look, which is noted. */
async function lookFromInside(
  { cluster, namespace, signal }: TraceRequest,
  view: ClusterView,
  seen: {
    readonly host: string;
    readonly gateway: GatewayOfHost | null;
    readonly challenges: readonly CurrentObject[];
  },
): Promise<InsideView | null> {
  const [pod] = seen.gateway?.pods ?? [];
  const gatewayPod = pod === undefined ? undefined : await view.peek({ apiVersion: 'v1', kind: 'Pod', ...pod });
  if (gatewayPod === undefined || cluster.lookInside === undefined || seen.host === '') {
    view.note('Nobody looked from inside the cluster: no Pod of the gateway, whose image is used, could be seen.');
    return null;
  }
  const token = seen.challenges
    .flatMap((each) => (text(each, 'spec', 'dnsName') === seen.host ? (text(each, 'spec', 'token') ?? []) : []))
    .at(-1);
  const path = token === undefined ? '/' : `/.well-known/acme-challenge/${token}`;
  try {
    return await cluster.lookInside({ host: seen.host, path, gatewayPod, namespace, signal });
  } catch (error) {
    signal.throwIfAborted();
    view.note(`Nobody looked from inside the cluster: ${messageOf(error)}`);
    return null;
  }
}

/** The answer of the pending Challenge's path, and the served certificate, each as seen by a client outside. */
async function look(
  { outside, caRoots }: TraceRequest,
  subject: Subject,
  view: ClusterView,
  challenges: readonly CurrentObject[],
  dns: readonly DnsProbe[],
): Promise<Probe[]> {
  const { host } = subject;
  if (host === '' || outside === null) return [];
  const common = { withinMs: probeWithinMs };
  const service = await view.get({ apiVersion: 'v1', kind: 'Service', ...subject.gateway });
  const ofGateway = text(service, 'status', 'loadBalancer', 'ingress', 0, 'ip');
  const address = recordsOf(dns)[0] ?? ofGateway;
  if (address === undefined || address === null) return [];
  const token = challenges
    .filter((challenge) => text(challenge, 'spec', 'dnsName') === host && text(challenge, 'spec', 'type') === 'HTTP-01')
    .map((challenge) => text(challenge, 'spec', 'token'))
    .at(-1);
  const [challengePath, tls] = await Promise.all([
    token === undefined || token === null
      ? []
      : outside.http({
          ...common,
          name: probeNames.diagnosisChallengePath,
          url: `http://${host}/.well-known/acme-challenge/${token}`,
          address,
          trust: 'none',
          roots: [],
        }),
    outside.tls({
      ...common,
      name: probeNames.diagnosisTls,
      address,
      port: 443,
      serverName: host,
      trust: 'ca-roots',
      roots: [...caRoots],
    }),
  ]);
  return [...[challengePath].flat(), tls];
}
