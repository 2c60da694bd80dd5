/** Generates the JSON Schemas in reports/schema/ from the sources: `npm run schemas`. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { publishedConformance } from '../src/cli/conformance-schema.ts';
import { publishedLoad } from '../src/load/load-schema.ts';
import { publishedScenarioDocument } from '../src/own-scenarios/scenario-document.ts';
import { publishedRunEvents } from '../src/progress/run-event-schema.ts';
import { publishedProof } from '../src/prove/proof-schema.ts';
import { publishedSchemas } from '../src/report/json-schema.ts';

const repository = fileURLToPath(new URL('..', import.meta.url));
mkdirSync(`${repository}reports/schema`, { recursive: true });
const schemas = [
  ...publishedSchemas(),
  ...[publishedRunEvents(), publishedConformance(), publishedScenarioDocument(), publishedLoad(), publishedProof()],
];
const files = schemas.map(({ file, schema }) => {
  const name = `reports/schema/${file}`;
  writeFileSync(`${repository}${name}`, `${JSON.stringify(schema, null, 2)}\n`);
  return name;
});
execFileSync('npx', ['biome', 'format', '--write', ...files], {
  cwd: repository,
  stdio: ['ignore', 'ignore', 'inherit'],
});
for (const name of files) process.stdout.write(`${name}\n`);
