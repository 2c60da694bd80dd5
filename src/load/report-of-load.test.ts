import { describe, expect, test } from 'vitest';
import type { ClusterCounters } from './cluster-metrics.ts';
import { loadHtml } from './load-html.ts';
import { loadMarkdown } from './load-markdown.ts';
import { begin, counters, loadRecording } from './load-recording-fixture.ts';
import { loadReportSchema } from './load-report.ts';
import { reportOfLoad } from './report-of-load.ts';

describe('the report of a load', () => {
  const report = reportOfLoad(loadRecording());

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
  const records = loadRecording().records.map((record, index) => (index < 40 ? record : { requested: begin }));
  const report = reportOfLoad(loadRecording({ records, stalled: 'Nothing became Ready for 180 s.' }));
  expect(report.outcome).toMatchObject({ ready: 40, served: 40, readyMs: null, servedMs: null, excessMs: null });
  expect(loadMarkdown(report)).toContain('Nothing became Ready for 180 s.');
});

test('a load of which nothing is known is a report all the same', () => {
  const none: ClusterCounters = { apiRequests: new Map(), caRequests: new Map(), etcdBytes: null };
  const report = reportOfLoad(
    loadRecording({ records: [], usage: [], stored: [], countersBefore: none, countersAfter: none, machineBusy: null }),
  );
  expect(loadReportSchema.parse(JSON.parse(JSON.stringify(report)))).toEqual(report);
  expect(report.perCertificate).toMatchObject({ apiRequests: null, caRequests: null, etcdBytes: null });
  expect(loadHtml(report)).toContain('nothing was measured');
});

test('a counter that began anew counts from its beginning', () => {
  const report = reportOfLoad(
    loadRecording({ countersBefore: counters({ ca: 900 }), countersAfter: counters({ ca: 50 }) }),
  );
  expect(report.caRequests).toEqual([{ request: 'POST 200', count: 50 }]);
});

test('the page takes markup in any field as text', () => {
  const hostile = `"><img src=x onerror=alert(1)><script>alert(2)</script>'`;
  const seen = loadRecording();
  const page = loadHtml(
    reportOfLoad(
      loadRecording({
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
