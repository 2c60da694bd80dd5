/** Generates docs/reliability.md from the reports in docs/reliability: `node scripts/write-reliability.ts`. */
import { writeReliability } from './reliability-page.ts';

await writeReliability();
