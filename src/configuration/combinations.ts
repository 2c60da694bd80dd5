import { UserError } from '../user-error.ts';
import type { MatrixConfiguration } from './read-configuration.ts';

/** The values of one run of a matrix, by the long name of the option. */
export type Combination = Readonly<Record<string, string>>;

/**
 * All combinations of a matrix, in the order of its axes: the last axis changes first.
 *
 * @param wanted only combinations with these values
 * @throws UserError (2) if no combination is left
 */
export function combinations(matrix: MatrixConfiguration, wanted: Combination = {}): readonly Combination[] {
  const { axes, include, exclude } = matrix;
  const crossed = Object.entries(axes).reduce<readonly Combination[]>(
    (all, [axis, values]) => all.flatMap((one) => values.map((value) => ({ ...one, [axis]: value }))),
    [{}],
  );
  const kept = (Object.keys(axes).length === 0 ? [] : crossed).filter(
    (one) => !exclude.some((pattern) => agrees(one, pattern)),
  );
  const unique = new Map([...kept, ...include].map((one) => [nameOfCombination(one), one]));
  const chosen = [...unique.values()].filter((one) => agrees(one, wanted));
  if (chosen.length > 0) return chosen;
  const asked = nameOfCombination(wanted);
  throw new UserError(
    unique.size === 0
      ? 'The matrix in the configuration has no combinations. Add axes, or include combinations.'
      : `No combination of the matrix matches ${asked}. Combinations: ${[...unique.keys()].join('; ')}.`,
  );
}

function agrees(one: Combination, pattern: Combination): boolean {
  return Object.entries(pattern).every(([axis, value]) => one[axis] === value);
}

/** The name of a combination, which is also the name of its folder: `istio-1.30.1,cert-manager-v1.21.2`. */
export function nameOfCombination(one: Combination): string {
  return Object.entries(one)
    .map(([axis, value]) => `${axis}-${value}`)
    .join(',')
    .replaceAll(/[^A-Za-z0-9.,_-]/g, '_');
}
