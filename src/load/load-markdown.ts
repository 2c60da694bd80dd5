import { formatDuration } from '../issuance/duration.ts';
import type { LoadReport } from './load-report.ts';

/** A load as Markdown: what came of it, times by phase, costs by part, requests and bytes, growth and the next limits. */
export function loadMarkdown(report: LoadReport): string {
  const { shape, outcome, perCertificate, ca } = report;
  return `${[
    `**${shape.certificates} certificates** by ${shape.solver} (${[ca.software, ca.version].filter(Boolean).join(' ')}), ${shape.ratePerSecond === null ? 'all at once' : `${shape.ratePerSecond} a second`}, ${shape.hostsPerGateway} hosts per Gateway.`,
    '',
    ...outcomeSentences(outcome, shape.certificates),
    '',
    table(
      ['Phase', 'p50', 'p95', 'p99', 'max'],
      report.phases.map(({ title, p50, p95, p99, max }) => [
        title,
        ...[p50, p95, p99, max].map((value) => formatDuration(value)),
      ]),
    ),
    '',
    table(
      ['Part', 'CPU', 'CPU per certificate', 'memory before', 'memory after', 'growth of memory'],
      report.parts
        .filter(({ cpuSeconds, memoryLastBytes }) => (cpuSeconds ?? 0) >= 0.5 || (memoryLastBytes ?? 0) >= 2 ** 24)
        .map((part) => [
          part.part,
          part.cpuSeconds === null ? 'unknown' : `${part.cpuSeconds.toFixed(1)} s`,
          part.cpuSecondsPerCertificate === null
            ? 'unknown'
            : `${(part.cpuSecondsPerCertificate * 1_000).toFixed(0)} ms`,
          megabytes(part.memoryFirstBytes),
          megabytes(part.memoryLastBytes),
          growthWords(part.memoryGrowth),
        ]),
    ),
    '',
    table(
      ['Per certificate', ''],
      [
        ['API requests', rounded(perCertificate.apiRequests)],
        ['requests to the CA', rounded(perCertificate.caRequests)],
        ['objects stored, with every change', rounded(perCertificate.writes)],
        ['JSON stored, with every change', kilobytes(perCertificate.storedBytes)],
        ["growth of etcd's file", kilobytes(perCertificate.etcdBytes)],
        [
          'CPU of all parts',
          perCertificate.cpuSeconds === null ? 'unknown' : `${perCertificate.cpuSeconds.toFixed(2)} s`,
        ],
      ],
    ),
    '',
    table(
      ['Kind', 'objects', 'stored', 'JSON'],
      report.stored.map(({ kind, objects, writes, bytes }) => [
        kind,
        String(objects),
        String(writes),
        kilobytes(bytes),
      ]),
    ),
    '',
    ...report.nextLimit.map((sentence) => `- ${sentence}`),
    ...stormSentences(report),
    ...report.problems.map((problem) => `- Problem: ${problem}`),
  ].join('\n')}\n`;
}

/** What came of a load, in sentences. */
export function outcomeSentences(outcome: LoadReport['outcome'], all: number): string[] {
  const { ready, served, readyMs, servedMs, floorMs, excessMs, stalled, lastServedAfterReadyMs } = outcome;
  if (stalled !== null) return [stalled];
  const sentences = [`${ready} of ${all} were Ready and ${served} were served.`];
  if (readyMs !== null)
    sentences.push(
      `All were Ready after ${formatDuration(readyMs)} (${(all / (readyMs / 1_000)).toFixed(2)} a second).`,
    );
  if (servedMs !== null)
    sentences.push(
      `All were served after ${formatDuration(servedMs)}, the last ${formatDuration(lastServedAfterReadyMs ?? 0)} after the last was Ready.`,
    );
  if (floorMs !== null && excessMs !== null)
    sentences.push(
      `cert-manager's own waits allow no less than ${formatDuration(floorMs)}; ${formatDuration(Math.max(0, excessMs))} were above that.`,
    );
  return sentences;
}

function stormSentences({ renewStorm: storm }: LoadReport): string[] {
  if (storm === null) return [];
  const time = storm.renewedMs === null ? 'were not all renewed' : `were renewed in ${formatDuration(storm.renewedMs)}`;
  const lost =
    storm.lost === 0
      ? 'none was lost'
      : `${storm.lost} ${storm.lost === 1 ? 'was' : 'were'} lost (${storm.lostFor.join('; ')})`;
  return [
    `- Renewed at once, ${storm.certificates} certificates ${time}. Of ${storm.handshakes} handshakes with ${storm.hosts} hosts meanwhile, ${lost}; ${storm.swapped} of the hosts were seen with a new certificate.`,
  ];
}

/** Growth in words, for bytes. */
export function growthWords({ shape, perUnit }: LoadReport['latencyGrowth']): string {
  switch (shape) {
    case 'unknown':
      return 'unknown';
    case 'none':
      return 'none seen';
    case 'unclear':
      return `unclear, ${kilobytes(perUnit)} each on average`;
    case 'linear':
      return `linear, ${kilobytes(perUnit)} each`;
    case 'slowing':
    case 'quickening':
      return `${shape}, ${kilobytes(perUnit)} each on average`;
  }
}

function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(headings), line(headings.map(() => '---')), ...rows.map(line)].join('\n');
}

function rounded(value: number | null): string {
  return value === null ? 'unknown' : value.toFixed(value < 10 ? 1 : 0);
}

function megabytes(value: number | null): string {
  return value === null ? 'unknown' : `${Math.round(value / 2 ** 20)} MiB`;
}

function kilobytes(value: number | null): string {
  return value === null ? 'unknown' : `${(value / 1_024).toFixed(Math.abs(value) < 10_240 ? 1 : 0)} KiB`;
}
