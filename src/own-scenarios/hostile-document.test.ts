import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, test } from 'vitest';
import { parse } from 'yaml';
import { anyText, damaged, readOrRefused } from '../hostile-input-fixture.ts';
import { readScenarioDocument } from './scenario-document.ts';

const folder = mkdtempSync(join(tmpdir(), 'padlock-scenario-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = join(folder, 'scenario.yaml');

function read(text: string): void {
  writeFileSync(file, text);
  readOrRefused(() => readScenarioDocument(file));
}

test('a scenario is read or refused in a sentence, whatever its text', () => {
  fc.assert(fc.property(anyText, read));
});

test('a scenario in which one value is damaged is read or refused in a sentence', () => {
  const example = new URL('../../examples/scenarios/shop-behind-the-gateway/scenario.yaml', import.meta.url);
  const document: unknown = parse(readFileSync(example, 'utf8'));
  fc.assert(
    fc.property(damaged(document), (changed) => read(JSON.stringify(changed) ?? '')),
    { numRuns: 200 },
  );
});
