import { caChecks } from '../catalogue/catalogue.ts';
import { checksOf, type ExpectedVerdict, type ExpectedVerdicts, notPassedIn } from './expected-verdicts.ts';

/** The tables of docs/ca-results, in Markdown, by the names of their places in the pages. */
export type ResultTables = Readonly<Record<'counts' | 'failed' | 'warned' | 'skipped', string>>;

export function resultTables(expected: ExpectedVerdicts): ResultTables {
  const rows = (verdict: ExpectedVerdict['verdict']) =>
    expected.verdicts.filter((one) => one.verdict === verdict && one.chance !== 'rarely');
  const action = `What ${expected.ca} does`;
  return {
    counts: countsTable(expected),
    failed: table(
      ['Check', 'Requirement', action],
      rows('failed').map((row) => [namesOf(row, expected), row.requirement ?? '', row.reason]),
    ),
    warned: table(
      ['Check', 'Level', 'Requirement', action],
      rows('warned').map((row) => [namesOf(row, expected), levelsOf(row), row.requirement ?? '', row.reason]),
    ),
    skipped: table(
      ['Check', 'Why'],
      rows('skipped').map((row) => [namesOf(row, expected), row.reason]),
    ),
  };
}

/** A table without the columns that are empty. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const isUsed = (_: string, column: number) => rows.some((row) => row[column] !== '');
  const line = (cells: readonly string[]) =>
    `| ${cells
      .filter(isUsed)
      .map((cell) => cell.replaceAll('|', '\\|'))
      .join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function countsTable(expected: ExpectedVerdicts): string {
  return table(
    ['Variant', 'Checks', 'passed', 'failed', 'warned', 'skipped', 'Requests', 'Seconds'],
    expected.variants.map(({ name, description, requests, seconds }) => {
      const verdicts = [...notPassedIn(expected, name).values()].map(({ verdict }) => verdict);
      const count = (wanted: string) => verdicts.filter((verdict) => verdict === wanted).length;
      const checks = checksOf(expected, name).length;
      const counts = [checks - verdicts.length, count('failed'), count('warned'), count('skipped')];
      return [description, ...[checks, ...counts, requests, seconds].map(String)];
    }),
  );
}

/** The checks of a row, with the profile and the variants that they are limited to. */
function namesOf({ checks, in: only }: ExpectedVerdict, { variants }: ExpectedVerdicts): string {
  const names = checks.map((id) => {
    const isExhaustive = caChecks.find((check) => check.id === id)?.profile === 'exhaustive';
    return `\`${id}\`${isExhaustive ? ' (exhaustive)' : ''}`;
  });
  const limits = variants.filter(({ name }) => only?.includes(name)).map(({ description }) => description);
  return `${names.join(', ')}${limits.length > 0 ? ` (${limits.join('; ')})` : ''}`;
}

function levelsOf({ checks }: ExpectedVerdict): string {
  return [...new Set(caChecks.filter(({ id }) => checks.includes(id)).map(({ level }) => level))].join(', ');
}

/**
 * A page with its tables replaced. Each stands between two comments: `<!-- counts -->` and `<!-- end of counts -->`.
 *
 * @throws if a place is missing
 */
export function withTables(page: string, tables: ResultTables): string {
  return Object.entries(tables).reduce((text, [name, markdown]) => {
    const [begin, end] = [`<!-- ${name} -->`, `<!-- end of ${name} -->`];
    const [from, to] = [text.indexOf(begin), text.indexOf(end)];
    if (from < 0 || to < from) throw new Error(`the page has no place for the table '${name}'`);
    return `${text.slice(0, from)}${begin}\n${markdown}\n${text.slice(to)}`;
  }, page);
}
