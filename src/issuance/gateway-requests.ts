import { type AccessLogEntry, type Evidence, hostOfAuthority } from '../evidence/evidence.ts';

/** The path below which HTTP-01 challenges are served (RFC 8555, section 8.3). */
export const challengePathPrefix = '/.well-known/acme-challenge/';

/** The port that cert-manager's solver Services listen on. */
export const solverPort = 8089;

/** The name Istio gives to the cluster of a Service's port. */
export function clusterOf(serviceName: string, port: number): string {
  return `outbound|${port}||${serviceName}`;
}

export function applicationCluster(evidence: Evidence): string {
  const { service, port } = evidence.subject.application;
  return clusterOf(service, port);
}

export function ledToSolver(entry: AccessLogEntry): boolean {
  return entry.upstreamCluster?.startsWith(`outbound|${solverPort}|`) ?? false;
}

/** Whether the gateway had no upstream for the request. */
export function ledNowhere(entry: AccessLogEntry): boolean {
  return (
    entry.upstreamCluster === null || entry.upstreamCluster === '-' || entry.upstreamCluster === 'BlackHoleCluster'
  );
}

/** The requests for a host through any recorded gateway. Hosts are fresh for each run, so these are its own. */
export function requestsForHost(evidence: Evidence, host: string): readonly AccessLogEntry[] {
  return evidence.accessLog.filter((entry) => hostOfAuthority(entry.authority).toLowerCase() === host.toLowerCase());
}

/** The requests for a host that came through the subject's gateway. */
export function requestsThroughGateway(evidence: Evidence, host: string): readonly AccessLogEntry[] {
  const { gateway } = evidence.subject;
  return requestsForHost(evidence, host).filter((entry) =>
    entry.pod.startsWith(`${gateway.namespace}/${gateway.name}-`),
  );
}

/** An entry for a message: what was asked, by whom, what was answered, and where the gateway led it. */
export function describeEntry(entry: AccessLogEntry): string {
  const agent = entry.userAgent === null ? 'no user agent' : `user agent "${entry.userAgent}"`;
  const target = entry.upstreamCluster ?? `no upstream (${entry.responseFlags} ${entry.responseCodeDetails})`;
  return `${entry.at} ${entry.method} ${entry.authority}${entry.path}, ${agent}: ${entry.status} from ${target} through ${entry.pod}`;
}

const shownEntries = 3;

/** The last few entries for a message, and how many more there are. */
export function describeEntries(entries: readonly AccessLogEntry[]): string {
  const more = entries.length - shownEntries;
  const shown = entries.slice(-shownEntries).map(describeEntry).join('; ');
  return more > 0 ? `${shown} (and ${more} more before)` : shown;
}
