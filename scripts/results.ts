import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { countsByLevel } from '../src/acme/runner/conformance-summary.ts';
import { type PublishedResult, publishedResultSchema } from '../src/acme/runner/published-result.ts';

export const resultsFolder = fileURLToPath(new URL('../results', import.meta.url));
export const resultsPage = join(resultsFolder, 'README.md');

export interface FoundResult {
  /** Relative to `results/`. */
  readonly folder: string;
  readonly result: PublishedResult;
}

/** The published results, in the order of their folders. @throws for a result.json that is not one */
export function publishedResults(): readonly FoundResult[] {
  return readdirSync(resultsFolder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('result.json'))
    .toSorted((one, other) => one.localeCompare(other, 'en', { numeric: true }))
    .map((name) => ({
      folder: dirname(relative('.', name)),
      result: publishedResultSchema.parse(JSON.parse(readFileSync(join(resultsFolder, name), 'utf8'))),
    }));
}

const [begin, end] = ['<!-- results: generated -->', '<!-- results: end -->'];

/** The page of results with its table made again. */
export function withResults(page: string, found: readonly FoundResult[]): string {
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error('the page has no place for the table of results');
  const rows = found.map(({ folder, result }) => {
    const { declaration, options, startedAt, padlockVersion, gate, checks } = result;
    const { implementation, mode = '' } = declaration ?? {};
    const counts = countsByLevel(result).map(({ level, kept, notKept }) => `${level} ${kept}/${kept + notKept}`);
    const explained = gate === null || gate === undefined ? 0 : gate.known.length;
    const departures = checks.filter(({ verdict }) => verdict === 'failed' || verdict === 'warned').length;
    const cells = [
      `[${implementation?.project} ${implementation?.version}](${folder}/result.json)`,
      implementation?.organization ?? '',
      `${mode}, ${options.profile}`,
      `![](${folder}/badge.svg) ${counts.join(' · ')}`,
      `${explained} of ${departures}`,
      `${startedAt.slice(0, 10)}, Padlock ${padlockVersion}`,
    ];
    return `| ${cells.join(' | ')} |`;
  });
  const head = ['CA', 'Made by', 'Mode, profile', 'Satisfied', 'Deviations with a reason', 'Run'];
  const table = [`| ${head.join(' | ')} |`, `| ${head.map(() => '---').join(' | ')} |`, ...rows].join('\n');
  return `${page.slice(0, from)}${begin}\n${table}\n${page.slice(to)}`;
}
