/** Writes docs/ca-coverage.md from src/acme/requirements: `node scripts/write-ca-coverage.ts`. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { coverageMarkdown } from '../src/acme/requirements/requirements.ts';

writeFileSync(fileURLToPath(new URL('../docs/ca-coverage.md', import.meta.url)), coverageMarkdown());
