/**
 * A quantile by linear interpolation between the two nearest values (Hyndman and Fan's definition 7).
 *
 * @param share from 0 to 1
 * @returns null without values
 */
export function quantile(values: readonly number[], share: number): number | null {
  const sorted = values.toSorted((one, other) => one - other);
  const place = share * (sorted.length - 1);
  const below = sorted[Math.floor(place)];
  const above = sorted[Math.ceil(place)];
  if (below === undefined || above === undefined) return null;
  return below + (above - below) * (place - Math.floor(place));
}
