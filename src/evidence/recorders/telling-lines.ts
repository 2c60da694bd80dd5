/** The same line at another time is the same line. */
const times = /\d{4}-\d\d-\d\d[T ][\d:.]+Z?|\b\d\d:\d\d:\d\d\.\d+|"(?:ts|time)":[\d.]+/g;
/** The levels of istiod's lines, of klog's, and of both as JSON. */
const trouble = /^[EWF]\d{4} |[\t ](?:warn|error|fatal)[\t ]|"level":"(?:warn|warning|error|fatal)"|"err":/i;

/**
 * The lines of a log that are kept if there are too many: of lines that differ in their time alone the last one, warnings and errors before
 * all others, those that name one of `near` before those that do not, and the newest of each kind. They stay in the order of
 * the log. A controller may write many lines about another object of the same name in the meantime, and it may say what is wrong only once.
 *
 * @param near words that tell an object from another one of the same name, such as its namespace; an empty one is left out
 */
export function tellingLines(
  lines: readonly string[],
  { most, near }: { readonly most: number; readonly near: readonly string[] },
): readonly string[] {
  if (lines.length <= most) return lines;
  const words = near.filter((word) => word !== '');
  const lastOf = new Map<string, number>();
  for (const [index, line] of lines.entries()) lastOf.set(line.replaceAll(times, ''), index);
  const rankOf = (line: string) => (trouble.test(line) ? 0 : 2) + (words.some((word) => line.includes(word)) ? 0 : 1);
  return [...lastOf.values()]
    .map((index) => ({ index, line: lines[index] ?? '' }))
    .map((each) => ({ ...each, rank: rankOf(each.line) }))
    .toSorted((one, other) => one.rank - other.rank || other.index - one.index)
    .slice(0, most)
    .toSorted((one, other) => one.index - other.index)
    .map(({ line }) => line);
}
