import { describe, expect, test } from 'vitest';
import type { ClusterCounters } from './cluster-metrics.ts';
import { loadHtml } from './load-html.ts';
import { loadMarkdown } from './load-markdown.ts';
import { loadReportSchema } from './load-report.ts';
import { type LoadRecording, reportOfLoad } from './report-of-load.ts';

const begin = Date.parse('2026-11-28T02:00:00.000Z');
const count = 100;

function counters(more: Partial<Record<'api' | 'ca' | 'etcd', number>> = {}): ClusterCounters {
  return {
    apiRequests: new Map([
      ['GET secrets', 10 + (more.api ?? 0)],
      ['LIST pods', 3],
    ]),
    caRequests: new Map([['POST 200', more.ca ?? 0]]),
    etcdBytes: 1_000_000 + (more.etcd ?? 0),
  };
}

/** 100 certificates, of which one becomes Ready each second after 20 s, and each is served 200 ms later. */
function recording(more: Partial<LoadRecording> = {}): LoadRecording {
  return {
    shape: { certificates: count, ratePerSecond: null, solver: 'http01', hostsPerGateway: 10 },
    startedAt: new Date(begin),
    machine: { os: 'Linux', cpus: 2, memoryBytes: 2 ** 33, timeScale: 1 },
    environment: { kind: 'cell', name: 'dev' },
    components: [],
    ca: { software: 'Pebble', version: '2.10.1' },
    records: Array.from({ length: count }, (_, index) => {
      const ready = begin + 20_000 + index * 1_000;
      return {
        requested: begin,
        ordered: begin + 500,
        challenged: begin + 1_000,
        presented: begin + 2_000,
        valid: ready - 500,
        ready,
        configured: ready,
        served: ready + 200,
      };
    }),
    stored: [
      { kind: 'Certificate', objects: count, writes: 500, bytes: 800_000 },
      { kind: 'Order', objects: count, writes: 400, bytes: 1_200_000 },
    ],
    mostSolverPods: 60,
    usage: Array.from({ length: 61 }, (_, index) => ({
      at: begin + index * 2_000,
      parts: [
        { part: 'gateway', cpuSeconds: index * 0.1, memoryBytes: 50_000_000 + Math.max(0, index - 10) * 2 * 100_000 },
        { part: 'cert-manager controller', cpuSeconds: index, memoryBytes: 60_000_000 },
        ...(index % 2 === 0 ? [{ part: 'solvers', cpuSeconds: null, memoryBytes: null }] : []),
      ],
    })),
    countersBefore: counters(),
    countersAfter: counters({ api: 4_000, ca: 1_100, etcd: 3_000_000 }),
    machineBusy: 0.8,
    allocatablePods: 110,
    runningPods: 10,
    gatewayLimitBytes: null,
    stalled: null,
    gatewayRestart: null,
    renewStorm: null,
    problems: [],
    ...more,
  };
}

describe('the report of a load', () => {
  const report = reportOfLoad(recording());

  test('is what its schema says', () => {
    expect(loadReportSchema.parse(JSON.parse(JSON.stringify(report)))).toEqual(report);
  });

  test('says how long all took, and how much of that cert-manager waits', () => {
    expect(report.outcome).toMatchObject({
      ...{ ready: 100, served: 100, stalled: null, readyMs: 119_000, servedMs: 119_200 },
      ...{ lastServedAfterReadyMs: 200, floorMs: 36_000, excessMs: 83_000 },
    });
    expect(report.outcome.certificatesPerSecond).toBeCloseTo(0.84);
  });

  test('has the phases', () => {
    const issue = report.phases.find(({ id }) => id === 'issue');
    expect(issue).toMatchObject({ count: 100, p50: 69_500, max: 119_000 });
    expect(report.phases.find(({ id }) => id === 'serve')).toMatchObject({ p50: 200, p99: 200 });
  });

  test('counts per certificate', () => {
    expect(report.perCertificate).toMatchObject({
      ...{ apiRequests: 40, caRequests: 11, etcdBytes: 30_000, storedBytes: 20_000, writes: 9, cpuSeconds: 0.66 },
    });
    expect(report.apiRequests).toEqual([{ request: 'GET secrets', count: 4_000 }]);
  });

  test('fits the growth of memory over the certificates', () => {
    const gateway = report.parts.find(({ part }) => part === 'gateway');
    expect(gateway?.memoryGrowth.shape).toBe('linear');
    expect(gateway?.memoryGrowth.perUnit).toBeCloseTo(100_000, -4);
    expect(report.parts.find(({ part }) => part === 'cert-manager controller')?.memoryGrowth.shape).toBe('none');
  });

  test('sees that certificates took longer the later they came', () => {
    expect(report.latencyGrowth).toMatchObject({ shape: 'linear', perUnit: expect.closeTo(1_000, 0) });
  });

  test('reads as Markdown', () => {
    expect(loadMarkdown(report)).toContain(
      "cert-manager's own waits allow no less than 36.0 s; 1 min 23 s were above that.",
    );
  });
});

test('a load that stalled says why, and how far it came', () => {
  const records = recording().records.map((record, index) => (index < 40 ? record : { requested: begin }));
  const report = reportOfLoad(recording({ records, stalled: 'Nothing became Ready for 180 s.' }));
  expect(report.outcome).toMatchObject({ ready: 40, served: 40, readyMs: null, servedMs: null, excessMs: null });
  expect(loadMarkdown(report)).toContain('Nothing became Ready for 180 s.');
});

test('a load of which nothing is known is a report all the same', () => {
  const none: ClusterCounters = { apiRequests: new Map(), caRequests: new Map(), etcdBytes: null };
  const report = reportOfLoad(
    recording({ records: [], usage: [], stored: [], countersBefore: none, countersAfter: none, machineBusy: null }),
  );
  expect(loadReportSchema.parse(JSON.parse(JSON.stringify(report)))).toEqual(report);
  expect(report.perCertificate).toMatchObject({ apiRequests: null, caRequests: null, etcdBytes: null });
  expect(loadHtml(report)).toContain('nothing was measured');
});

test('a counter that began anew counts from its beginning', () => {
  const report = reportOfLoad(
    recording({ countersBefore: counters({ ca: 900 }), countersAfter: counters({ ca: 50 }) }),
  );
  expect(report.caRequests).toEqual([{ request: 'POST 200', count: 50 }]);
});

test('the page takes markup in any field as text', () => {
  const hostile = `"><img src=x onerror=alert(1)><script>alert(2)</script>'`;
  const seen = recording();
  const page = loadHtml(
    reportOfLoad(
      recording({
        environment: { kind: hostile, name: hostile },
        ca: { software: hostile, version: hostile },
        stalled: hostile,
        problems: [hostile],
        stored: [{ kind: hostile, objects: 1, writes: 1, bytes: 1 }],
        countersAfter: { ...counters(), apiRequests: new Map([[hostile, 1]]), caRequests: new Map([[hostile, 1]]) },
        usage: seen.usage.map(({ at, parts }) => ({ at, parts: parts.map((part) => ({ ...part, part: hostile })) })),
      }),
    ),
  );
  expect(page).not.toMatch(/<(?:img|script)/);
  expect(page).toContain('&lt;script&gt;');
});
