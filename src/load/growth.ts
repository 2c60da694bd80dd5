/** A measured value at a size, e.g. bytes at a number of certificates. */
export interface GrowthPoint {
  readonly size: number;
  readonly value: number;
}

/** How a value grows with the size. */
export interface Growth {
  /**
   * - `unknown`: there are too few points, or none fits
   * - `none`: what the size adds is lost in the noise, or small beside the value itself
   * - `unclear`: it grows, but neither a line nor a parabola fits
   * - `linear`: one more costs as much at the end as at the beginning
   * - `slowing`, `quickening`: one more costs less than half, or more than twice as much, at the end
   */
  readonly shape: 'unknown' | 'none' | 'unclear' | 'linear' | 'slowing' | 'quickening';
  /** What one more adds, on average; null if unknown. */
  readonly perUnit: number | null;
  /** What one more adds at the smallest and at the largest size, of a parabola through the points; null if unknown. */
  readonly perUnitFirst: number | null;
  readonly perUnitLast: number | null;
  /** The share of the variance that a straight line explains, 0 to 1; null if unknown. */
  readonly explained: number | null;
}

const fewestPoints = 5;
const noiseBelow = 0.3;
const clearAbove = 0.7;
const negligibleShare = 0.03;

const unknown: Growth = {
  shape: 'unknown',
  perUnit: null,
  perUnitFirst: null,
  perUnitLast: null,
  explained: null,
};

/** Fits a straight line and a parabola by least squares, and says which kind of growth it is. */
export function growthOf(points: readonly GrowthPoint[]): Growth {
  const sizes = points.map(({ size }) => size);
  const [smallest, largest] = [Math.min(...sizes), Math.max(...sizes)];
  const span = largest - smallest;
  if (points.length < fewestPoints || span <= 0) return unknown;
  // On 0…1, so that the powers stay comparable.
  const scaled = points.map(({ size, value }) => ({ size: (size - smallest) / span, value }));
  const line = leastSquares(scaled, 1);
  const parabola = leastSquares(scaled, 2);
  if (line === null) return unknown;
  const [, slope = 0] = line;
  const perUnit = slope / span;
  const explained = explainedBy(scaled, line);
  const [, atFirst = slope, bend = 0] = parabola ?? line;
  const perUnitFirst = atFirst / span;
  const perUnitLast = (atFirst + 2 * bend) / span;
  const numbers = { perUnit, perUnitFirst, perUnitLast, explained };
  const explainedByParabola = parabola === null ? explained : explainedBy(scaled, parabola);
  const mean = points.reduce((sum, { value }) => sum + value, 0) / points.length;
  // What is small beside the value itself, as a garbage collector moves it.
  if (Math.abs(slope) < negligibleShare * Math.abs(mean)) return { shape: 'none', ...numbers };
  const best = Math.max(explained, explainedByParabola);
  if (best < noiseBelow) return { shape: 'none', ...numbers };
  if (best < clearAbove) return { shape: 'unclear', ...numbers };
  // A parabola that explains hardly more says nothing about the ends.
  if (explainedByParabola - explained < 0.02) return { shape: 'linear', ...numbers };
  if (perUnitFirst * perUnitLast < 0 && Math.min(Math.abs(perUnitFirst), Math.abs(perUnitLast)) > Math.abs(perUnit))
    return { shape: 'unclear', ...numbers };
  if (Math.abs(perUnitLast) > 2 * Math.abs(perUnitFirst)) return { shape: 'quickening', ...numbers };
  if (Math.abs(perUnitLast) < Math.abs(perUnitFirst) / 2) return { shape: 'slowing', ...numbers };
  return { shape: 'linear', ...numbers };
}

/** The coefficients of a polynomial by least squares, the constant first; null where the points do not determine it. */
function leastSquares(points: readonly GrowthPoint[], degree: number): readonly number[] | null {
  const size = degree + 1;
  const power = (exponent: number) => points.reduce((sum, point) => sum + point.size ** exponent, 0);
  const rows = Array.from({ length: size }, (_, row) => [
    ...Array.from({ length: size }, (_, column) => power(row + column)),
    points.reduce((sum, point) => sum + point.value * point.size ** row, 0),
  ]);
  // Gaussian elimination with partial pivoting.
  for (let pivot = 0; pivot < size; pivot += 1) {
    const best = rows
      .slice(pivot)
      .reduce((found, row) => (Math.abs(row[pivot] ?? 0) > Math.abs(found[pivot] ?? 0) ? row : found));
    rows.splice(rows.indexOf(best), 1);
    rows.splice(pivot, 0, best);
    const divisor = best[pivot] ?? 0;
    if (Math.abs(divisor) < 1e-12) return null;
    for (const row of rows) {
      if (row === best) continue;
      const factor = (row[pivot] ?? 0) / divisor;
      for (let column = pivot; column <= size; column += 1)
        row[column] = (row[column] ?? 0) - factor * (best[column] ?? 0);
    }
  }
  return rows.map((row, index) => (row[size] ?? 0) / (row[index] ?? 1));
}

/** The coefficient of determination. */
function explainedBy(points: readonly GrowthPoint[], coefficients: readonly number[]): number {
  const mean = points.reduce((sum, { value }) => sum + value, 0) / points.length;
  const total = points.reduce((sum, { value }) => sum + (value - mean) ** 2, 0);
  if (total === 0) return 0;
  const left = points.reduce((sum, { size, value }) => {
    const fitted = coefficients.reduce((result, factor, exponent) => result + factor * size ** exponent, 0);
    return sum + (value - fitted) ** 2;
  }, 0);
  return Math.max(0, 1 - left / total);
}
