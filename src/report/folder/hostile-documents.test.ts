import fc from 'fast-check';
import { describe, test } from 'vitest';
import { goodEvidence } from '../../checks/testing/evidence-fixture.ts';
import { anyBytes, damaged, readOrRefused } from '../../hostile-input-fixture.ts';
import { exampleReport } from '../testing/example-report.ts';
import { parseConformance } from './read-conformance.ts';
import { parseEvidence } from './read-evidence.ts';
import { parseReport } from './read-report.ts';

const parsers = { report: parseReport, evidence: parseEvidence, conformance: parseConformance } as const;

describe.each(Object.entries(parsers))('a file that may be a %s', (_, parse) => {
  test('is read or refused in a sentence, whatever its bytes', () => {
    fc.assert(fc.property(anyBytes, (bytes) => readOrRefused(() => parse('given.json', bytes))));
  });
});

test('a report in which one value is damaged is read or refused in a sentence', () => {
  fc.assert(
    fc.property(damaged(exampleReport()), (document) =>
      readOrRefused(() => parseReport('report.json', Buffer.from(JSON.stringify(document) ?? ''))),
    ),
    { numRuns: 300 },
  );
});

test('evidence in which one value is damaged is read or refused in a sentence', async () => {
  const evidence = await goodEvidence();
  fc.assert(
    fc.property(damaged(evidence), (document) =>
      readOrRefused(() => parseEvidence('evidence.json', Buffer.from(JSON.stringify(document) ?? ''))),
    ),
    { numRuns: 200 },
  );
});
