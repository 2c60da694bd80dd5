/** Writes the tables of docs/ca-results from src/acme/expected: `node scripts/write-ca-results.ts`. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expectedVerdicts, knownCas } from '../src/acme/expected/expected-verdicts.ts';
import { resultTables, withTables } from '../src/acme/expected/result-tables.ts';

for (const ca of knownCas) {
  const file = fileURLToPath(new URL(`../docs/ca-results/${ca}.md`, import.meta.url));
  writeFileSync(file, withTables(readFileSync(file, 'utf8'), resultTables(expectedVerdicts(ca))));
}
