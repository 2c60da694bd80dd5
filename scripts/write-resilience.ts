/**
 * Records what reports of the suite resilience show, and generates docs/resilience.md:
 *
 *   node scripts/write-resilience.ts "Seen on …" REPORT...
 */
import { writeRecoveries } from './resilience-table.ts';

const [seenOn, ...reports] = process.argv.slice(2);
if (seenOn === undefined || reports.length === 0) throw new Error('Usage: write-resilience.ts SENTENCE REPORT...');
await writeRecoveries(seenOn, reports);
