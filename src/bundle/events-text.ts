import type { KubeObject } from '../kube/kube-object.ts';

/** Events as `kubectl get events --sort-by` shows them, with times instead of ages: the earliest first. */
export function eventsText(events: readonly KubeObject[]): string {
  const rows = events
    .map((event) => ({ at: timeOf(event), event }))
    .sort((one, other) => (one.at < other.at ? -1 : one.at > other.at ? 1 : 0))
    .map(({ at, event }) => rowOf(at, event));
  const table = [['LAST SEEN', 'NAMESPACE', 'TYPE', 'REASON', 'OBJECT', 'MESSAGE'], ...rows];
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
  const lines = table.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '));
  return `${lines.map((line) => line.trimEnd()).join('\n')}\n`;
}

/** The last time it was seen: events of the newer API have a series, or only the time of the first. */
function timeOf({ lastTimestamp, series, eventTime, firstTimestamp, metadata }: KubeObject): string {
  const lastObserved = (series as { lastObservedTime?: unknown } | null | undefined)?.lastObservedTime;
  const times = [lastObserved, lastTimestamp, eventTime, firstTimestamp, metadata.creationTimestamp];
  const time = times.find((value) => typeof value === 'string' && value !== '');
  return typeof time === 'string' && !Number.isNaN(Date.parse(time)) ? new Date(time).toISOString() : '-';
}

function rowOf(at: string, event: KubeObject): string[] {
  const { kind, name } = (event.involvedObject ?? {}) as { kind?: string; name?: string };
  const series = event.series as { count?: unknown } | null | undefined;
  const count = Number(series?.count ?? event.count ?? 1);
  const message = String(event.message ?? '').replaceAll(/\s*\n\s*/g, ' ');
  return [
    at,
    event.metadata.namespace ?? '-',
    String(event.type ?? '-'),
    String(event.reason ?? '-'),
    `${(kind ?? '-').toLowerCase()}/${name ?? '-'}`,
    count > 1 ? `${message} (x${count})` : message,
  ];
}
