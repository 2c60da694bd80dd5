/** Writes the table of results/README.md from the results below it: `node scripts/write-results.ts`. */
import { readFileSync, writeFileSync } from 'node:fs';
import { publishedResults, resultsPage, withResults } from './results.ts';

writeFileSync(resultsPage, withResults(readFileSync(resultsPage, 'utf8'), publishedResults()));
