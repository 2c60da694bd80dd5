/** Generates docs/scale.md from the reports in docs/scale: `node scripts/write-scale.ts`. */
import { writeFile } from 'node:fs/promises';
import { measuredLoads, scaleMarkdown, scalePage } from './scale-page.ts';

await writeFile(scalePage, scaleMarkdown(await measuredLoads()));
