/** What evidence keeps of a request, whatever an access log calls it. */
export const logFields = [
  'time',
  'method',
  'path',
  'status',
  'host',
  'userAgent',
  'upstreamCluster',
  'upstreamHost',
  'responseFlags',
  'responseCodeDetails',
  'routeName',
  'remoteAddress',
  'duration',
] as const;

export type LogField = (typeof logFields)[number];

/** The fields without which a line proves nothing about a request. */
export const neededFields: readonly LogField[] = ['path', 'status', 'host'];

/** The fields of one line as texts. A field that the log does not have is absent. `time` is ISO 8601. */
export type LoggedFields = { readonly [Field in LogField]?: string };

/** One shape of access log lines. */
export interface AccessLogFormat {
  /** For messages, e.g. `the preset asm`. */
  readonly title: string;
  readonly fields: ReadonlySet<LogField>;
  /** The fields of a line; null for a line of another shape. Never throws. */
  read(line: string): LoggedFields | null;
}
