import { html, type Markup } from '../report/html/html-text.ts';

/** A line of a chart. */
export interface Series {
  readonly title: string;
  /** In the order of x; a null breaks the line. */
  readonly points: readonly { readonly x: number; readonly y: number | null }[];
}

interface Chart {
  /** Unique on the page; letters, digits and hyphens. */
  readonly id: string;
  /** What the chart shows, with the unit of y. */
  readonly title: string;
  readonly series: readonly Series[];
  describeX(x: number): string;
  describeY(y: number): string;
}

const width = 960;
const height = 240;
const left = 70;
const right = 10;
const top = 24;
const bottom = 24;
/** Classes of the style sheet that carry a colour each. */
const colours = ['cert-manager', 'ca', 'gateway', 'cluster', 'client'] as const;

/** The most lines that a chart can tell apart. */
export const mostSeries = colours.length;

/** Lines over a common x. Their values are in a table or in load.json as well. */
export function lineChart({ id, title, series, describeX, describeY }: Chart): Markup {
  const shown = series.slice(0, mostSeries);
  const points = shown.flatMap((one) => one.points);
  const largestX = Math.max(...points.map(({ x }) => x), 0);
  const largestY = Math.max(...points.map(({ y }) => y ?? 0), 0);
  if (largestX === 0 || largestY === 0) return html`<p class="muted">${title}: nothing was measured.</p>`;
  const placeX = (x: number) => left + (Math.max(0, x) / largestX) * (width - left - right);
  const placeY = (y: number) => height - bottom - (y / largestY) * (height - top - bottom);
  const marks = [0, 0.25, 0.5, 0.75, 1];
  return html`<figure class="waterfall">
<div class="scroll" role="region" aria-label="${title}" tabindex="0"><svg class="chart" viewBox="0 0 ${width} ${height}" width="100%" role="img" aria-labelledby="chart-${id}">
<title id="chart-${id}">${title}: ${shown.map((one) => `${one.title} up to ${describeY(Math.max(...one.points.map(({ y }) => y ?? 0)))}`).join(', ')}.</title>
${marks.map((share) => html`<line class="grid" x1="${left}" x2="${width - right}" y1="${placed(placeY(share * largestY))}" y2="${placed(placeY(share * largestY))}"/><text class="tick" x="${left - 6}" y="${placed(placeY(share * largestY) + 4)}" text-anchor="end">${describeY(share * largestY)}</text>`)}
${marks.map((share) => html`<text class="tick" x="${placed(placeX(share * largestX))}" y="${height - 6}" text-anchor="${share === 0 ? 'start' : share === 1 ? 'end' : 'middle'}">${describeX(share * largestX)}</text>`)}
${shown.map(
  (one, index) =>
    html`<g class="lane ${colours[index] ?? 'client'}">${runs(one).map((run) => html`<polyline class="series" points="${run.map(({ x, y }) => `${placed(placeX(x))},${placed(placeY(y))}`).join(' ')}"/>`)}<text class="lane-title" x="${left + 10 + index * 170}" y="15">${one.title}</text></g>`,
)}
</svg></div>
<figcaption>${title}</figcaption>
</figure>`;
}

/** The parts of a line between gaps. */
function runs({ points }: Series): { readonly x: number; readonly y: number }[][] {
  const found: { x: number; y: number }[][] = [[]];
  for (const { x, y } of points) {
    if (y === null) found.push([]);
    else found.at(-1)?.push({ x, y });
  }
  return found.filter((run) => run.length > 0);
}

function placed(value: number): string {
  return value.toFixed(1);
}
