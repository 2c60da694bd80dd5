import { orderNotPlaced } from '../diagnosis/ca-no-answer.ts';
import type { RunningEnvironment } from '../environment/environment.ts';
import type { MeshAccessLog } from '../evidence/access-log/mesh-access-log.ts';
import { certificateFacts } from '../evidence/certificate-facts.ts';
import { type AccessLogEntry, type Evidence, evidenceSchemaVersion, hostOfAuthority } from '../evidence/evidence.ts';
import { AccessLogRecorder } from '../evidence/recorders/access-log-recorder.ts';
import { CaLogRecorder } from '../evidence/recorders/ca-log-recorder.ts';
import { readComponentLogs } from '../evidence/recorders/component-logs.ts';
import { readGatewayConfigs } from '../evidence/recorders/gateway-config.ts';
import { withApi } from '../evidence/recorders/object-histories.ts';
import { ObjectRecorder } from '../evidence/recorders/object-recorder.ts';
import { SolverLogRecorder } from '../evidence/recorders/solver-log-recorder.ts';
import type { KubeClient } from '../kube/client.ts';
import type { ScenarioContext } from './context/context.ts';
import type { ScenarioNames } from './context/scenario-names.ts';
import type { Scenario } from './scenario.ts';

/** The Pods that istiod deploys for a Gateway API Gateway. */
const deployedGateways = 'gateway.networking.k8s.io/gateway-name';
const lastRequestsWithinMs = 5_000;
/** A watch is late only on a machine that is very busy. */
const recordedWithinMs = 15_000;
const clockResolutionMs = 1;

interface EvidenceRequest {
  readonly scenario: Scenario;
  readonly names: ScenarioNames;
  readonly context: ScenarioContext;
  readonly startedAt: Date;
  readonly endedAt: Date;
}

/** The recorders of a run: one set for all scenarios, each of which gets a slice. */
export class Recorders implements AsyncDisposable {
  readonly #kube: KubeClient;
  readonly #objects: ObjectRecorder;
  readonly #accessLogs: readonly AccessLogRecorder[];
  readonly #accessLog: MeshAccessLog | undefined;
  readonly #solverLog: SolverLogRecorder | null;
  readonly #caLog: CaLogRecorder | null;
  readonly #foreignRoot: string;

  private constructor(parts: {
    kube: KubeClient;
    objects: ObjectRecorder;
    accessLogs: readonly AccessLogRecorder[];
    accessLog: MeshAccessLog | undefined;
    solverLog: SolverLogRecorder | null;
    caLog: CaLogRecorder | null;
    foreignRoot: string;
  }) {
    this.#kube = parts.kube;
    this.#objects = parts.objects;
    this.#accessLogs = parts.accessLogs;
    this.#accessLog = parts.accessLog;
    this.#solverLog = parts.solverLog;
    this.#caLog = parts.caLog;
    this.#foreignRoot = parts.foreignRoot;
  }

  /**
   * Starts all recorders, and returns once each has recorded the existing state.
   *
   * @param ownNamespaces those of the scenarios, made already
   * @param ownGateways the Pods of gateways that scenarios deploy themselves
   */
  static async start(
    kube: KubeClient,
    { ca, gateway, belongsToOthers, accessLog }: RunningEnvironment,
    ownNamespaces: readonly string[],
    foreignRoot: string,
    ownGateways: readonly { readonly namespace: string; readonly labelSelector: string }[],
  ): Promise<Recorders> {
    const namespaces = belongsToOthers ? [...ownNamespaces, gateway.namespace] : null;
    const objects = new ObjectRecorder(kube, namespaces === null ? {} : { namespaces });
    const selector = Object.entries(gateway.selector).map(([label, value]) => `${label}=${value}`);
    const pods = [
      { labelSelector: selector.join(','), namespace: gateway.namespace },
      ...(namespaces === null
        ? [{ labelSelector: deployedGateways }]
        : ownNamespaces.map((namespace) => ({ labelSelector: deployedGateways, namespace }))),
      ...ownGateways,
    ];
    // Only where the mesh is somebody else's may the access log be missing.
    const solverLog = accessLog === undefined || namespaces === null ? null : new SolverLogRecorder(kube, namespaces);
    const formats = accessLog?.formats ?? [];
    const accessLogs = pods.map((selection) => new AccessLogRecorder(kube, { ...selection, formats }));
    const [caLog] = await Promise.all([
      ca.log === null ? null : CaLogRecorder.start(ca.log.file, ca.log.timeOfLine),
      objects.started,
      ...accessLogs.map(({ started }) => started),
    ]);
    return new Recorders({ kube, objects, accessLogs, accessLog, solverLog, caLog, foreignRoot });
  }

  /** Cuts one scenario's evidence out of everything that was recorded. */
  async evidence({ scenario, names, context, startedAt, endedAt }: EvidenceRequest): Promise<Evidence> {
    const problems: string[] = [];
    if (this.#isLogged()) {
      await this.#requestsLogged(context).catch((error: Error) => problems.push(error.message));
    }
    await this.#objects
      .caughtUp(this.#kube, names.namespace, recordedWithinMs)
      .catch((error: Error) => problems.push(error.message));
    // The subject's host is no name of the scenario's where it is the address of its gateway.
    const hosts = [...new Set([...context.hosts, context.subject.host])];
    const span = { since: startedAt, until: new Date() };
    const namespaces = [...scenario.sharedNamespaces(names), names.namespace];
    const { ca, ownCa } = context;
    const caLog = ownCa === null ? this.#caLog : ownCa.log;
    return {
      schemaVersion: evidenceSchemaVersion,
      scenario: {
        id: scenario.id,
        title: scenario.title,
        startedAt: startedAt.toISOString(),
        endedAt: endedAt.toISOString(),
        settings: { ...scenario.settings },
      },
      subject: context.subject,
      // A clean-up goes on noting what it does; the report is derived from what there was before.
      actions: [...context.actions],
      objects: withApi([...this.#objects.slice({ ...span, namespaces, hosts }), ...context.seen.slice()], this.#kube),
      accessLog: this.#accessLogs.flatMap((log) => log.slice({ ...span, hosts })),
      ...this.#withoutAccessLog(context, startedAt),
      ca: {
        directoryUrl: ca.directoryUrl,
        userAgent: ca.userAgent,
        roots: context.caRoots.map((pem) => certificateFacts(pem)),
        foreignRoot: certificateFacts(this.#foreignRoot),
        log: (await caLog?.slice(span)) ?? [],
      },
      ...(context.acme === null ? {} : { acme: context.acme }),
      probes: [...context.probes],
      gatewayConfigs: [],
      logs: [],
      problems: [
        ...problems,
        ...this.#objects.problems(span),
        ...this.#accessLogs.flatMap((log) => log.problems(span)),
        ...(caLog?.problems ?? []),
      ],
    };
  }

  /**
   * Adds possible explanations to the evidence of a scenario that ended early: the configuration of its gateway, and the
   * controllers' log lines that name its objects.
   */
  async explain(evidence: Evidence, signal: AbortSignal): Promise<Evidence> {
    const { host, gateway, issuer, certificate, secret } = evidence.subject;
    const pods = evidence.objects.flatMap(({ kind, namespace, name, states }) =>
      kind === 'Pod' &&
      namespace === gateway.namespace &&
      name.startsWith(`${gateway.name}-`) &&
      states.at(-1)?.change !== 'deleted'
        ? [{ namespace, name }]
        : [],
    );
    const [configs, logs] = await Promise.all([
      readGatewayConfigs(this.#kube, pods, host, signal),
      readComponentLogs(this.#kube, {
        since: new Date(evidence.scenario.startedAt),
        about: [host, issuer.name, certificate.name, secret.name, orderNotPlaced],
        near: [certificate.namespace, gateway.namespace],
        signal,
      }),
    ]);
    return {
      ...evidence,
      gatewayConfigs: configs.configs,
      logs: logs.logs,
      problems: [...evidence.problems, ...configs.problems, ...logs.problems],
    };
  }

  #isLogged(): boolean {
    return !['off', 'elsewhere'].includes(this.#accessLog?.state ?? 'stdout');
  }

  /** Why there is no access log, and what the solvers saw instead; nothing where there is one. */
  #withoutAccessLog(context: ScenarioContext, since: Date): Pick<Evidence, 'accessLogMissing' | 'solverRequests'> {
    const missing = this.#accessLogMissing(context, since);
    if (missing.accessLogMissing === undefined) return {};
    const solverRequests = this.#solverLog?.slice({ since, hosts: context.hosts }) ?? [];
    return { ...missing, ...(solverRequests.length === 0 ? {} : { solverRequests }) };
  }

  /** Why no request at all was recorded although the gateway answered some; nothing if one was. */
  #accessLogMissing({ probes }: ScenarioContext, since: Date): Pick<Evidence, 'accessLogMissing'> {
    const isAnswered = probes.some(({ kind, outcome }) => kind === 'http' && 'status' in outcome);
    if (!isAnswered || this.#accessLogs.some((log) => log.slice({ since }).length > 0)) return {};
    const { state = 'unknown', detail } = this.#accessLog ?? {};
    if (state === 'off' || state === 'elsewhere')
      return { accessLogMissing: { reason: state, detail: detail ?? state } };
    const unread = this.#accessLogs.reduce((sum, log) => sum + log.unread, 0);
    if (unread > 0) {
      return { accessLogMissing: { reason: 'unreadable', detail: `no known format reads its ${unread} lines` } };
    }
    const silent = "it is empty although the gateway answered Padlock's own probes";
    return state === 'unknown' && this.#accessLog !== undefined
      ? { accessLogMissing: { reason: 'unknown', detail: `${silent}; ${detail}` } }
      : {};
  }

  /** Envoy writes its access log a second late: waits until every request of the scenario's probes is in it. */
  async #requestsLogged(context: ScenarioContext): Promise<void> {
    const done = new AbortController();
    const answered = context.probes.flatMap((probe) =>
      probe.kind === 'http' && 'status' in probe.outcome ? [probe] : [],
    );
    const logged = answered.map(({ name, url, at }) => {
      const { pathname, search, hostname } = new URL(url);
      const since = Date.parse(at) - clockResolutionMs;
      const isIt = (entry: AccessLogEntry) =>
        entry.path === `${pathname}${search}` &&
        hostOfAuthority(entry.authority) === hostname &&
        Date.parse(entry.at) >= since;
      const options = {
        what: `the access log to show the probe ${name}`,
        withinMs: lastRequestsWithinMs,
        signal: done.signal,
      };
      return Promise.any(this.#accessLogs.map((log) => log.untilEntry(isIt, options)));
    });
    try {
      await Promise.all(logged);
    } catch (error) {
      throw error instanceof AggregateError ? error.errors[0] : error;
    } finally {
      done.abort();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([
      this.#objects[Symbol.asyncDispose](),
      this.#caLog?.[Symbol.asyncDispose](),
      this.#solverLog?.[Symbol.asyncDispose](),
      ...this.#accessLogs.map((log) => log[Symbol.asyncDispose]()),
    ]);
  }
}
