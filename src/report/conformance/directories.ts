import type { Conformance } from '../../acme/runner/conformance.ts';
import { summaryLine } from '../../acme/runner/conformance-summary.ts';
import { padlockMark } from '../html/html-mark.ts';
import { resultPage } from '../html/html-page.ts';
import { table } from '../html/html-table.ts';
import { html } from '../html/html-text.ts';
import { code, plain, row, tableHead } from '../markdown/markdown-text.ts';

/** One directory of several that one run tested. */
export interface TestedDirectory {
  /** The folder of its report, relative to the folder of all. */
  readonly folder: string;
  readonly conformance: Conformance;
}

const bySeverity = ['error', 'failed', 'partial', 'passed'] as const;

/** The most severe result of all directories. */
export function resultOfDirectories(tested: readonly TestedDirectory[]): Conformance['result'] {
  return bySeverity.find((result) => tested.some(({ conformance }) => conformance.result === result)) ?? 'passed';
}

/** The results of several directories side by side, as GitHub Flavored Markdown. */
export function directoriesMarkdown(tested: readonly TestedDirectory[]): string {
  const rows = tested.map(({ folder, conformance }) =>
    row(
      `[${code(conformance.options.directory)}](${folder}/summary.md)`,
      conformance.result,
      plain(summaryLine(conformance)),
      differing(tested, conformance)
        .map((id) => code(id))
        .join(', '),
    ),
  );
  return `${[
    `# ACME conformance of ${tested.length} directories: ${resultOfDirectories(tested)}`,
    '',
    tableHead('Directory', 'Result', 'In one line', 'Violated only here'),
    ...rows,
  ].join('\n')}\n`;
}

/** The same as a page. */
export function directoriesHtml(tested: readonly TestedDirectory[]): string {
  const result = resultOfDirectories(tested);
  const title = `ACME conformance of ${tested.length} directories: ${result}`;
  return resultPage({
    ...{ result, title, source: 'conformance.json', padlockVersion: tested[0]?.conformance.padlockVersion ?? '' },
    header: html`<header class="result ${result}"><div class="page"><div class="result-line">${padlockMark(result)}<div><h1>${title}</h1></div></div></div></header>`,
    main: table(
      'Directories',
      [{ heading: 'Directory' }, { heading: 'Result' }, { heading: 'In one line' }, { heading: 'Violated only here' }],
      tested.map(({ folder, conformance }) => [
        html`<a href="${folder}/index.html">${conformance.options.directory}</a>`,
        conformance.result,
        summaryLine(conformance),
        differing(tested, conformance).join(', '),
      ]),
    ),
  });
}

/** The checks that fail in this directory and in no other. */
function differing(tested: readonly TestedDirectory[], own: Conformance): readonly string[] {
  const failedIn = ({ checks }: Conformance) =>
    checks.filter(({ verdict }) => verdict === 'failed').map(({ id }) => id);
  const elsewhere = new Set(
    tested.filter(({ conformance }) => conformance !== own).flatMap(({ conformance }) => failedIn(conformance)),
  );
  return failedIn(own).filter((id) => !elsewhere.has(id));
}
