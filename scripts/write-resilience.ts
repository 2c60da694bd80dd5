/**
 * Records what reports of the suite resilience show, and generates docs/resilience.md:
 *
 *   node scripts/write-resilience.ts "Seen on …" REPORT...
 */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readEvidence } from '../src/report/folder/read-evidence.ts';
import { writeRecoveries } from './resilience-table.ts';

const [seenOn, ...reports] = process.argv.slice(2);
if (seenOn === undefined || reports.length === 0) throw new Error('Usage: write-resilience.ts SENTENCE REPORT...');
const evidences = [];
for (const report of reports) {
  const folder = join(report, 'evidence');
  for (const file of (await readdir(folder)).filter((name) => name.endsWith('.json')).toSorted())
    evidences.push(await readEvidence(join(folder, file)));
}
await writeRecoveries(seenOn, evidences);
