import { shortened, visibleText } from '../visible-text.ts';

/** The most of one text that a page shows, in UTF-16 code units; `report.json` holds the whole. */
export const textLimit = 8000;

/** Finished HTML. Only {@link html} and {@link trusted} make it, so that a string can never pass for it by mistake. */
export class Markup {
  readonly #source: string;

  constructor(source: string) {
    this.#source = source;
  }

  toString(): string {
    return this.#source;
  }
}

/** What may stand in a template: a string is text, and null is nothing. */
export type Insert = Markup | string | number | null | readonly Insert[];

/**
 * HTML from a template: what is inserted is escaped, control characters are made visible, and overlong text is cut with a
 * notice. Inserts may stand where text may, and within double-quoted attribute values; nowhere else.
 */
export function html(template: TemplateStringsArray, ...inserts: readonly Insert[]): Markup {
  const [first = '', ...rest] = template;
  return new Markup(rest.reduce((source, part, index) => source + rendered(inserts[index] ?? null) + part, first));
}

/** Source that Padlock itself wrote, such as the style sheet. Never for text from elsewhere. */
export function trusted(source: string): Markup {
  return new Markup(source);
}

function rendered(insert: Insert): string {
  if (insert === null) return '';
  if (insert instanceof Markup) return insert.toString();
  if (typeof insert === 'number') return String(insert);
  if (typeof insert === 'string') return escaped(insert);
  return insert.map(rendered).join('\n');
}

function escaped(text: string): string {
  // Cut first: a log of megabytes must not cost the time to look at each of its characters.
  return visibleText(shortened(text, textLimit)).replace(/[&<>"']/g, (character) => entities[character] ?? character);
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
