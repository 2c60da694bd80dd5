import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { UserError } from '../user-error.ts';
import { compareLoads, loadComparisonMarkdown } from './compare-loads.ts';
import { loadRecording } from './load-recording-fixture.ts';
import { parseLoad } from './read-load.ts';
import { reportOfLoad } from './report-of-load.ts';

const report = reportOfLoad(loadRecording());

describe('two loads', () => {
  test('that are the same show no regression', () => {
    const comparison = compareLoads(report, report, 20);
    expect(comparison.regression).toBe(false);
    expect(comparison.changes.length).toBeGreaterThan(10);
    expect(loadComparisonMarkdown(comparison)).toContain('No regression.');
  });

  test('of which the later costs more show what grew', () => {
    const dearer = { ...report, perCertificate: { ...report.perCertificate, apiRequests: 60 } };
    const comparison = compareLoads(report, dearer, 20);
    expect(comparison.changes.filter(({ regression }) => regression).map(({ figure }) => figure)).toEqual([
      'API requests per certificate',
    ]);
    expect(loadComparisonMarkdown(comparison)).toContain('| **API requests per certificate** | 40 | 60 | +50 % |');
    expect(compareLoads(dearer, report, 20).regression).toBe(false);
  });

  test('of different shapes are compared without a verdict', () => {
    const other = {
      ...report,
      shape: { ...report.shape, certificates: 1 },
      perCertificate: { ...report.perCertificate, writes: 99 },
    };
    expect(compareLoads(report, other, 0)).toMatchObject({ sameShape: false, regression: false });
  });
});

describe('the report of a load', () => {
  test('is read as it was written', () => {
    expect(parseLoad(JSON.stringify(report), 'load.json')).toEqual(report);
  });

  test.for([
    ['no JSON', '{', 'is not JSON'],
    ['another document', '[]', 'is not a report of padlock load of version 1'],
    ['another version', JSON.stringify({ ...report, schemaVersion: 2 }), 'schemaVersion'],
  ] as const)('is refused for %s', ([, text, words]) => {
    expect(() => parseLoad(text, 'load.json')).toThrow(words);
  });

  test('any text is read or refused with a sentence', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        try {
          parseLoad(text, 'load.json');
        } catch (error) {
          expect(error).toBeInstanceOf(UserError);
        }
      }),
    );
  });
});
