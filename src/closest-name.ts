/** The known name that needs the fewest changes to become the given one; undefined where none is known. */
export function closestName(name: string, known: readonly string[]): string | undefined {
  const [nearest] = known.toSorted((one, other) => editDistance(one, name) - editDistance(other, name));
  return nearest;
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
