import { shortened, visibleLine, visibleText } from '../visible-text.ts';

/**
 * Text as plain text inside a line or a table cell of GitHub Flavored Markdown: on one line, with every character that
 * could begin markup escaped, also at the line's start.
 */
export function plain(text: string, limit = Number.POSITIVE_INFINITY): string {
  return shortened(visibleLine(text), limit)
    .replace(/[\\`*_[\]|~$<>&@]/g, (character) => entities[character] ?? `\\${character}`)
    .replace(/^([#+=:-])/, '\\$1')
    .replace(/^(\d+)([.)])(?=\s|$)/, '$1\\$2');
}

// A backslash would not keep these from being an HTML tag, an entity or a mention everywhere.
const entities: Readonly<Record<string, string>> = { '<': '&lt;', '>': '&gt;', '&': '&amp;', '@': '&#64;' };

/** Text as code inside a line or a table cell, in backticks of a number that the text does not hold itself. */
export function code(text: string, limit = Number.POSITIVE_INFINITY): string {
  const line = shortened(visibleLine(text), limit).replaceAll('|', '\\|');
  if (line === '') return '';
  const ticks = '`'.repeat(longestRunOfBackticks(line) + 1);
  return line.startsWith('`') || line.endsWith('`') ? `${ticks} ${line} ${ticks}` : `${ticks}${line}${ticks}`;
}

/** Text as a block of code that keeps its lines. */
export function codeBlock(text: string, limit = Number.POSITIVE_INFINITY): string {
  const lines = shortened(visibleText(text), limit);
  const fence = '`'.repeat(Math.max(3, longestRunOfBackticks(lines) + 1));
  return `${fence}text\n${lines}\n${fence}`;
}

/** A row of a table from cells that are Markdown already. */
export function row(...cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

/** The two lines a table begins with. */
export function tableHead(...titles: readonly string[]): string {
  return `${row(...titles)}\n${row(...titles.map(() => '---'))}`;
}

function longestRunOfBackticks(text: string): number {
  return Math.max(0, ...(text.match(/`+/g) ?? []).map((run) => run.length));
}
