import { expect, test } from 'vitest';
import { exampleScenario } from '../testing/example-report.ts';
import { phaseTable } from './html-phases.ts';

test('a row for each phase with its time, its share of the longest, and its note', () => {
  const rows = String(phaseTable(exampleScenario())).split('<tr>').slice(2);
  expect(rows).toHaveLength(3);
  expect(rows[1]).toMatch(/self-check.*8\.0 s.*width="38\.136%".*5 requests of the self-check/s);
  expect(rows[2]).toMatch(/total.*21\.0 s.*width="100%"/s);
});

test('the absence of phases is reported', () => {
  expect(String(phaseTable({ id: 'a', phases: [] }))).toContain('shows no phase');
});
