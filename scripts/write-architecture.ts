/** Writes the diagram of imports in docs/architecture.md from the import rules: `node scripts/write-architecture.ts`. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { importDiagram } from './architecture/import-diagram.ts';
import { importRules } from './architecture/import-rules.ts';

export const architectureFile = fileURLToPath(new URL('../docs/architecture.md', import.meta.url));

const marks = { start: '<!-- imports: generated -->', end: '<!-- imports: end -->' };

/** The page with a new diagram. @throws if the page has no place for it */
export function withDiagram(page: string): string {
  const [before, rest] = page.split(`${marks.start}\n`);
  const after = rest?.split(marks.end)[1];
  if (after === undefined) throw new Error(`docs/architecture.md lacks '${marks.start}' or '${marks.end}'.`);
  return `${before}${marks.start}\n${importDiagram(importRules)}\n${marks.end}${after}`;
}

if (import.meta.main) writeFileSync(architectureFile, withDiagram(readFileSync(architectureFile, 'utf8')));
