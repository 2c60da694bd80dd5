import { html, type Insert, type Markup } from './html-text.ts';

/** A column: its heading, and a class for its cells, as `narrow` or `wide-only`. */
export interface Column {
  readonly heading: string;
  readonly style?: string;
}

/**
 * A table inside a region that scrolls sideways on a narrow screen and can take the keyboard focus for that.
 *
 * @param label unique among the regions of the page
 * @param rows the first cell of each is its heading
 */
export function table(label: string, columns: readonly Column[], rows: readonly (readonly Insert[])[]): Markup {
  const style = (index: number) => columns[index]?.style ?? '';
  return html`<div class="scroll" role="region" aria-label="${label}" tabindex="0"><table>
<thead><tr>${columns.map(({ heading, style: own = '' }) => html`<th scope="col" class="${own}">${heading}</th>`)}</tr></thead>
<tbody>
${rows.map(
  ([first = null, ...others]) =>
    html`<tr><th scope="row" class="${style(0)}">${first}</th>${others.map((cell, index) => html`<td class="${style(index + 1)}">${cell}</td>`)}</tr>`,
)}
</tbody></table></div>`;
}

/** Facts as pairs of a term and a description; a pair without a description is left out. */
export function facts(...pairs: readonly (readonly [term: string, description: Insert])[]): Markup {
  const shown = pairs.filter(([, description]) => description !== null && description !== '');
  return html`<dl class="facts">${shown.map(([term, description]) => html`<div><dt>${term}</dt><dd>${description}</dd></div>`)}</dl>`;
}

/** The settings that differ from defaults, each as `name: value`; null if there are none. */
export function settingsList(settings: Readonly<Record<string, string>>): Markup | null {
  const entries = Object.entries(settings);
  return entries.length === 0
    ? null
    : html`<ul class="plain">${entries.map(([name, value]) => html`<li><code>${name}: ${value}</code></li>`)}</ul>`;
}

/** Sentences as a list; null if there are none. */
export function sentences(texts: readonly string[]): Markup | null {
  return texts.length === 0 ? null : html`<ul>${texts.map((text) => html`<li>${text}</li>`)}</ul>`;
}
