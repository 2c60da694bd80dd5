import { formatDuration } from '../issuance/duration.ts';
import { padlockMark } from '../report/html/html-mark.ts';
import { resultPage } from '../report/html/html-page.ts';
import { facts, sentences, table } from '../report/html/html-table.ts';
import { html, type Markup } from '../report/html/html-text.ts';
import { utcTime } from '../report/html/html-time.ts';
import { lineChart, mostSeries } from './line-chart.ts';
import { growthWords, outcomeSentences } from './load-markdown.ts';
import type { LoadReport } from './load-report.ts';

/** A load as one page that needs nothing else: what came of it, charts over time, and the tables. */
export function loadHtml(report: LoadReport): string {
  const { shape, outcome, padlock, machine, environment, ca, startedAt } = report;
  const result = outcome.served === shape.certificates ? 'passed' : 'failed';
  const title = `Padlock load: ${shape.certificates} certificates by ${shape.solver}`;
  return resultPage({
    result,
    title: `${title}, ${startedAt.slice(0, 10)}`,
    header: html`<header class="result ${result}"><div class="page">
<div class="result-line">${padlockMark(result)}<div><h1>${title}</h1><p>${outcomeSentences(outcome, shape.certificates).join(' ')}</p></div></div>
${facts(
  ['Started', utcTime(startedAt)],
  ['Environment', `${environment.kind} ${environment.name}`],
  ['CA', [ca.software, ca.version].filter(Boolean).join(' ')],
  ['Machine', `${machine.cpus} cores, ${Math.round(machine.memoryBytes / 2 ** 30)} GiB, ${machine.os}`],
  ['Requested', shape.ratePerSecond === null ? 'all at once' : `${shape.ratePerSecond} a second`],
  ['Hosts per Gateway', shape.hostsPerGateway],
)}
</div></header>`,
    main: [
      html`<section aria-labelledby="time"><h2 id="time">Over time</h2>${charts(report)}</section>`,
      html`<section aria-labelledby="latency"><h2 id="latency">Time of one certificate, by phase</h2>${phaseTable(report)}</section>`,
      html`<section aria-labelledby="cost"><h2 id="cost">What it cost</h2>${partTable(report)}${costFacts(report)}${storedTable(report)}${requestTables(report)}</section>`,
      html`<section aria-labelledby="limit"><h2 id="limit">The next limit</h2>${sentences(report.nextLimit) ?? html`<p class="muted">No limit was seen.</p>`}</section>`,
      report.problems.length === 0
        ? null
        : html`<section aria-labelledby="problems"><h2 id="problems">Problems</h2>${sentences(report.problems)}</section>`,
    ],
    source: 'load.json',
    padlockVersion: padlock.version,
  });
}

function charts({ timeline, parts, shape }: LoadReport): Markup[] {
  const describeX = (atMs: number) => formatDuration(atMs);
  const busiest = parts.filter(({ cpuSeconds }) => cpuSeconds !== null).slice(0, mostSeries);
  const largest = parts
    .toSorted((one, other) => (other.memoryPeakBytes ?? 0) - (one.memoryPeakBytes ?? 0))
    .slice(0, mostSeries);
  const ofPart = (name: string, value: 'cpuCores' | 'memoryBytes') =>
    timeline.map(({ atMs, parts: used }) => ({ x: atMs, y: used.find(({ part }) => part === name)?.[value] ?? null }));
  return [
    lineChart({
      id: 'certificates',
      title: `Certificates Ready and served, of ${shape.certificates}`,
      series: [
        { title: 'Ready', points: timeline.map(({ atMs, ready }) => ({ x: atMs, y: ready })) },
        { title: 'served', points: timeline.map(({ atMs, served }) => ({ x: atMs, y: served })) },
      ],
      describeX,
      describeY: (count) => String(Math.round(count)),
    }),
    lineChart({
      id: 'cpu',
      title: 'Cores in use, of the parts that used most',
      series: busiest.map(({ part }) => ({ title: part, points: ofPart(part, 'cpuCores') })),
      describeX,
      describeY: (cores) => cores.toFixed(2),
    }),
    lineChart({
      id: 'memory',
      title: 'Memory in MiB, of the parts that used most',
      series: largest.map(({ part }) => ({ title: part, points: ofPart(part, 'memoryBytes') })),
      describeX,
      describeY: (bytes) => String(Math.round(bytes / 2 ** 20)),
    }),
  ];
}

function phaseTable({ phases }: LoadReport): Markup {
  return table(
    'Time by phase',
    [
      { heading: 'Phase' },
      ...['Certificates', 'p50', 'p95', 'p99', 'max'].map((heading) => ({ heading, style: 'number' })),
    ],
    phases.map(({ title, count, p50, p95, p99, max }) => [title, count, ...[p50, p95, p99, max].map(formatDuration)]),
  );
}

function partTable({ parts }: LoadReport): Markup {
  const megabytes = (bytes: number | null) => (bytes === null ? 'unknown' : `${Math.round(bytes / 2 ** 20)} MiB`);
  return table(
    'Parts',
    [
      { heading: 'Part' },
      ...['CPU', 'CPU per certificate', 'memory before', 'after', 'most'].map((heading) => ({
        heading,
        style: 'number',
      })),
      { heading: 'Growth of memory by certificate' },
    ],
    parts.map((part) => [
      part.part,
      part.cpuSeconds === null ? 'unknown' : `${part.cpuSeconds.toFixed(1)} s`,
      part.cpuSecondsPerCertificate === null ? 'unknown' : `${Math.round(part.cpuSecondsPerCertificate * 1_000)} ms`,
      megabytes(part.memoryFirstBytes),
      megabytes(part.memoryLastBytes),
      megabytes(part.memoryPeakBytes),
      growthWords(part.memoryGrowth),
    ]),
  );
}

function costFacts({ perCertificate: per, machineBusy, mostSolverPods }: LoadReport): Markup {
  const known = (value: number | null, unit = '') =>
    value === null ? null : `${value.toFixed(value < 10 ? 1 : 0)}${unit}`;
  return html`<h3>Per certificate</h3>${facts(
    ['API requests', known(per.apiRequests)],
    ['Requests to the CA', known(per.caRequests)],
    ['Times an object was stored', known(per.writes)],
    ['JSON stored', known(per.storedBytes / 1_024, ' KiB')],
    ["Growth of etcd's file", per.etcdBytes === null ? null : known(per.etcdBytes / 1_024, ' KiB')],
    ['CPU of all parts', per.cpuSeconds === null ? null : `${per.cpuSeconds.toFixed(2)} s`],
    ['Most solver Pods at once', mostSolverPods],
    ["Machine's cores busy", machineBusy === null ? null : `${Math.round(machineBusy * 100)} %`],
  )}`;
}

function storedTable({ stored }: LoadReport): Markup {
  return html`<h3>Stored by kind</h3>${table(
    'Stored by kind',
    [{ heading: 'Kind' }, ...['objects', 'times stored', 'JSON'].map((heading) => ({ heading, style: 'number' }))],
    stored.map(({ kind, objects, writes, bytes }) => [kind, objects, writes, `${(bytes / 1_024).toFixed(0)} KiB`]),
  )}`;
}

const shownRequests = 30;

function requestTables({ apiRequests, caRequests }: LoadReport): Markup[] {
  const requests = (title: string, rows: LoadReport['apiRequests']) =>
    html`<h3>${title}</h3>${
      rows.length === 0
        ? html`<p class="muted">They could not be read.</p>`
        : table(
            title,
            [{ heading: 'Request' }, { heading: 'Count', style: 'number' }],
            rows.slice(0, shownRequests).map(({ request, count }) => [request, count]),
          )
    }`;
  return [requests('Requests to the API server', apiRequests), requests('Requests to the CA', caRequests)];
}
