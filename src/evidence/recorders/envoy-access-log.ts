import type { AccessLogEntry } from '../evidence.ts';
import { scrubText } from '../redaction.ts';

/** The fields of Istio's default access log that evidence keeps, by their names in its JSON encoding. */
interface LoggedRequest {
  readonly start_time?: unknown;
  readonly method?: unknown;
  readonly path?: unknown;
  readonly response_code?: unknown;
  readonly response_flags?: unknown;
  readonly response_code_details?: unknown;
  readonly duration?: unknown;
  readonly user_agent?: unknown;
  readonly authority?: unknown;
  readonly upstream_host?: unknown;
  readonly upstream_cluster?: unknown;
  readonly downstream_remote_address?: unknown;
  readonly route_name?: unknown;
}

/**
 * Istio's default text format (pilot/pkg/model/telemetry_logging.go, EnvoyTextLogFormat). Envoy does not escape quotes
 * in what clients send, so the quoted fields end only where the next fields begin.
 */
const textFormat = new RegExp(
  [
    String.raw`^\[(?<start_time>[^\]]+)\] "(?<method>\S+) (?<path>.*?) (?:HTTP/[\d.]+|-)"`,
    String.raw`(?<response_code>\d+) (?<response_flags>\S+) (?<response_code_details>\S+) \S+ ".*?"`,
    String.raw`\d+ \d+ (?<duration>\d+|-) \S+ ".*?" "(?<user_agent>.*?)" "[^" ]*" "(?<authority>[^" ]*)"`,
    String.raw`"(?<upstream_host>[^" ]*)" (?<upstream_cluster>\S+) \S+ \S+ (?<downstream_remote_address>\S+) \S+`,
    String.raw`(?<route_name>\S+)$`,
  ].join(' '),
);

/**
 * Reads a line of a gateway's log as a request in Istio's default access log format, in its JSON or its text encoding.
 *
 * @param pod the gateway Pod, namespace/name
 * @returns undefined for any other line, such as the proxy's own messages and connections without HTTP
 */
export function parseAccessLogLine(line: string, pod: string): AccessLogEntry | undefined {
  const logged = line.startsWith('{') ? parseJson(line) : textFormat.exec(line)?.groups;
  return logged === undefined ? undefined : entryOf(logged, pod);
}

function parseJson(line: string): LoggedRequest | undefined {
  try {
    return JSON.parse(line) as LoggedRequest;
  } catch {
    return undefined;
  }
}

function entryOf(logged: LoggedRequest, pod: string): AccessLogEntry | undefined {
  const startedAt = Date.parse(textOf(logged.start_time) ?? '');
  const method = textOf(logged.method);
  const path = textOf(logged.path);
  const status = Number(logged.response_code ?? Number.NaN);
  if (Number.isNaN(startedAt) || method === null || path === null || !Number.isInteger(status)) return undefined;
  return {
    at: new Date(startedAt).toISOString(),
    pod,
    method,
    path,
    authority: withoutDefaultPort(textOf(logged.authority) ?? ''),
    status,
    responseFlags: textOf(logged.response_flags) ?? '-',
    responseCodeDetails: textOf(logged.response_code_details) ?? '-',
    upstreamCluster: textOf(logged.upstream_cluster),
    upstreamHost: textOf(logged.upstream_host),
    routeName: textOf(logged.route_name),
    userAgent: textOf(logged.user_agent),
    downstreamRemoteAddress: textOf(logged.downstream_remote_address),
    durationMs: Number(textOf(logged.duration) ?? logged.duration ?? 0) || 0,
  };
}

/** Envoy writes null in JSON and `-` in text for an absent value. */
function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' && value !== '-' ? scrubText(value) : null;
}

function withoutDefaultPort(authority: string): string {
  return authority.replace(/:(?:80|443)$/, '');
}
