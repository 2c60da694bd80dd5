import type { Conformance } from '../../acme/runner/conformance.ts';
import { countsByLevel } from '../../acme/runner/conformance-summary.ts';

const colours: Readonly<Record<Conformance['result'], string>> = {
  passed: '#1d7a46',
  failed: '#b3261e',
  partial: '#8a6100',
  error: '#b3261e',
};

/** About the width of a character of the badge, in pixels. */
const characterWidth = 7;
const padding = 16;

/** A badge as SVG: how many of the judged MUSTs a CA satisfies. */
export function badgeSvg(conformance: Pick<Conformance, 'checks' | 'result'>): string {
  const must = countsByLevel(conformance).find(({ level }) => level === 'MUST');
  const label = 'RFC 8555';
  const value = must === undefined ? conformance.result : `MUST ${must.kept}/${must.kept + must.notKept}`;
  const [left, right] = [label, value].map((text) => text.length * characterWidth + padding) as [number, number];
  const text = (content: string, x: number) =>
    `<text x="${x}" y="14" fill="#fff" font-family="system-ui,sans-serif" font-size="11" text-anchor="middle">${content}</text>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${left + right}" height="20" role="img" aria-label="${label}: ${value}">
<title>${label}: ${value}</title>
<rect width="${left}" height="20" fill="#444"/><rect x="${left}" width="${right}" height="20" fill="${colours[conformance.result]}"/>
${text(label, left / 2)}
${text(value, left + right / 2)}
</svg>
`;
}
