import type { AccessLogEntry } from '../evidence.ts';
import { scrubText } from '../redaction.ts';
import { usualFormats } from './formats.ts';
import type { AccessLogFormat, LoggedFields } from './log-field.ts';

interface LineSource {
  /** The gateway Pod, namespace/name. */
  readonly pod: string;
  /** The mesh's own formats, which are tried first. */
  readonly formats?: readonly AccessLogFormat[];
  /** ISO 8601: when the line was written, for formats without the start of the request. */
  readonly writtenAt?: string | undefined;
}

/**
 * Reads a line of a gateway's log as a request: in the formats of its mesh, else in Istio's default text format or in JSON with
 * usual keys.
 *
 * @returns undefined for any other line, such as the proxy's own messages and connections without HTTP. Never throws.
 */
export function parseAccessLogLine(
  line: string,
  { pod, formats = [], writtenAt }: LineSource,
): AccessLogEntry | undefined {
  for (const format of [...formats, ...usualFormats]) {
    const fields = format.read(line);
    const entry = fields === null ? undefined : entryOf(fields, pod, writtenAt);
    if (entry !== undefined) return entry;
  }
  return undefined;
}

/**
 * Whether a line tells of a connection that brought no HTTP request: a TLS handshake without a filter chain, or bytes that a listener
 * filter refused. Envoy gives such a line the status 0 and no path.
 */
export function isConnectionWithoutRequest(line: string, formats: readonly AccessLogFormat[] = []): boolean {
  return [...formats, ...usualFormats].some((format) => {
    const fields = format.read(line);
    return fields !== null && fields.path === undefined && fields.status === '0';
  });
}

function entryOf(fields: LoggedFields, pod: string, writtenAt: string | undefined): AccessLogEntry | undefined {
  const { path, status, method = '-' } = fields;
  const durationMs = /^\d{1,9}(?:\.\d+)?$/.test(fields.duration ?? '') ? Number(fields.duration) : 0;
  const startedAt = startOf(fields.time, writtenAt, durationMs);
  if (path === undefined || status === undefined || !/^\d{1,3}$/.test(status) || startedAt === null) return undefined;
  const kept = (text: string | undefined) => (text === undefined ? null : scrubText(text));
  return {
    at: startedAt,
    pod,
    method: scrubText(method),
    path: scrubText(path),
    authority: withoutDefaultPort(scrubText(fields.host ?? '')),
    status: Number(status),
    responseFlags: scrubText(fields.responseFlags ?? '-'),
    responseCodeDetails: scrubText(fields.responseCodeDetails ?? '-'),
    // %UPSTREAM_CLUSTER% is the name for statistics, which Istio ends with a semicolon (its DelimitedStatsPrefix).
    upstreamCluster: kept(fields.upstreamCluster?.replace(/;$/, '')),
    upstreamHost: kept(fields.upstreamHost),
    routeName: kept(fields.routeName),
    userAgent: kept(fields.userAgent),
    downstreamRemoteAddress: kept(fields.remoteAddress),
    durationMs,
  };
}

/** Envoy writes a line at the end of a request, about its duration after the start. */
function startOf(time: string | undefined, writtenAt: string | undefined, durationMs: number): string | null {
  if (time !== undefined) return time;
  const written = Date.parse(writtenAt ?? '');
  return Number.isNaN(written) ? null : new Date(written - durationMs).toISOString();
}

function withoutDefaultPort(authority: string): string {
  return authority.replace(/:(?:80|443)$/, '');
}
