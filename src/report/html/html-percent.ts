/** A length or place within a drawing, relative to its width: SVG scales it to any screen while its text keeps its size. */
export function inPercent(percent: number): string {
  return `${Number(percent.toFixed(3))}%`;
}
