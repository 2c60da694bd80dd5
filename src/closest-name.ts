/** Beyond this share of changed characters, names have nothing to do with each other. */
const mostChanged = 0.4;

/** The known name that needs the fewest changes to become the given one; undefined where none is near. */
export function closestName(name: string, known: readonly string[]): string | undefined {
  const [nearest] = known.toSorted((one, other) => editDistance(one, name) - editDistance(other, name));
  if (nearest === undefined) return undefined;
  return editDistance(nearest, name) <= mostChanged * Math.max(nearest.length, name.length) ? nearest : undefined;
}

/** A question to append to a sentence about an unknown name, with a space before it; empty where no known name is near. */
export function didYouMean(name: string, known: readonly string[]): string {
  const nearest = closestName(name, known);
  return nearest === undefined ? '' : ` (did you mean ${nearest}?)`;
}

/** How many characters must be added, removed or changed to make one word of the other (Levenshtein). */
export function editDistance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (const [line, letter] of [...one].entries()) {
    const next = [line + 1];
    for (const [column, counterpart] of [...other].entries()) {
      const changed = (row[column] ?? 0) + (letter === counterpart ? 0 : 1);
      next.push(Math.min(changed, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    row = next;
  }
  return row[other.length] ?? 0;
}
