import { noneArrived } from '../diagnosis/situation.ts';
import { messageOf } from '../error-message.ts';
import { isConnectionWithoutRequest, parseAccessLogLine } from '../evidence/access-log/access-log-line.ts';
import type { AccessLogFormat } from '../evidence/access-log/log-field.ts';
import type { MeshAccessLog } from '../evidence/access-log/mesh-access-log.ts';
import { isOwnMessage } from '../evidence/access-log/own-message.ts';
import { type AccessLogEntry, hostOfAuthority } from '../evidence/evidence.ts';
import { type MissingLogReason, switchOn } from '../evidence/switch-on-access-log.ts';
import { field } from '../issuance/recorded-object.ts';
import { KubeError } from '../kube/kube-error.ts';
import type { ClusterView } from './cluster-view.ts';
import type { GatewayOfHost } from './gateway-of-host.ts';
import type { TracedCluster } from './traced-cluster.ts';

/** Of each gateway Pod's log; what concerns a Challenge that waits is at its end. */
const accessLogLines = 5_000;

interface LogRequest {
  readonly cluster: TracedCluster;
  readonly view: ClusterView;
  readonly gateway: GatewayOfHost;
  readonly host: string;
  /** The formats that the user gave; those of the mesh if empty. */
  readonly given: readonly AccessLogFormat[];
  /** Whether a request for the host should be there. */
  readonly isAwaited: boolean;
  readonly signal: AbortSignal;
}

/** The requests for a host in the logs of its gateway. Where there is none, the view notes why, and what to switch on. */
export async function readAccessLog(request: LogRequest): Promise<AccessLogEntry[]> {
  const { cluster, view, gateway, host, given, isAwaited, signal } = request;
  const mesh: MeshAccessLog =
    given.length > 0 ? { state: 'stdout', detail: 'as given', formats: given } : await meshOf(request);
  let unread = 0;
  let isRead = false;
  const logs = await Promise.all(
    gateway.pods.map(async ({ namespace, name }) => {
      const entries: AccessLogEntry[] = [];
      try {
        const pod = `${namespace}/${name}`;
        const options = { tailLines: accessLogLines, timestamps: true, signal };
        for await (const stamped of cluster.podLogs(namespace, name, 'istio-proxy', options)) {
          const space = stamped.indexOf(' ');
          const line = stamped.slice(space + 1);
          const entry = parseAccessLogLine(line, { pod, formats: mesh.formats, writtenAt: stamped.slice(0, space) });
          if (entry !== undefined || isConnectionWithoutRequest(line, mesh.formats)) isRead = true;
          else if (!isOwnMessage(line)) unread += 1;
          if (entry === undefined) continue;
          if (hostOfAuthority(entry.authority) === host) entries.push(entry);
        }
      } catch (error) {
        signal.throwIfAborted();
        view.note(messageOf(error));
      }
      return entries;
    }),
  );
  const entries = logs.flat();
  if (entries.length === 0 && isAwaited)
    view.note(`No request for ${host} ${isRead ? noneArrived : `is in the gateway's log${why(mesh, unread)}`}`);
  return entries;
}

function why({ state, detail }: MeshAccessLog, unread: number): string {
  const withRemedy = (reason: MissingLogReason, what: string) => `: ${what}. ${switchOn[reason]}`;
  if (unread > 0) return withRemedy('unreadable', `no known format reads its ${unread} lines`);
  if (state === 'off') return withRemedy('off', `it is off (${detail})`);
  if (state === 'elsewhere') return withRemedy('elsewhere', detail);
  return ': none arrived, or its access log is off (meshConfig.accessLogFile).';
}

/** What the mesh's own objects say of the log, as far as they can be read. */
async function meshOf({ cluster, view, gateway, signal }: LogRequest): Promise<MeshAccessLog> {
  const unknown: MeshAccessLog = { state: 'unknown', detail: 'the mesh configuration could not be read', formats: [] };
  const service = await view.peek({ apiVersion: 'v1', kind: 'Service', ...gateway.service });
  const selector = field(service ?? null, 'spec', 'selector');
  if (typeof selector !== 'object' || selector === null) return unknown;
  const labels = Object.fromEntries(Object.entries(selector).map(([name, value]) => [name, String(value)]));
  try {
    return await cluster.meshAccessLog({ namespace: gateway.service.namespace, selector: labels }, signal);
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof KubeError)) throw error;
    view.note(error.message);
    return unknown;
  }
}
