import { z } from 'zod';

const objectSchema = z.record(z.string(), z.unknown());

/** A line that is one JSON object, with nested objects flattened: `{"a":{"b":1}}` is `a.b`. Null for any other line. */
export function flatJson(line: string): ReadonlyMap<string, unknown> | null {
  if (!line.startsWith('{')) return null;
  try {
    const parsed = objectSchema.safeParse(JSON.parse(line));
    return parsed.success ? flattened(parsed.data) : null;
  } catch {
    return null;
  }
}

/** The leaves of an object by their paths. */
export function flattened(object: Readonly<Record<string, unknown>>): ReadonlyMap<string, unknown> {
  const leaves = new Map<string, unknown>();
  const collect = (value: Readonly<Record<string, unknown>>, prefix: string, depth: number) => {
    for (const [key, each] of Object.entries(value)) {
      const nested = depth < 5 ? objectSchema.safeParse(each) : null;
      if (nested?.success && !Array.isArray(each)) collect(nested.data, `${prefix}${key}.`, depth + 1);
      else leaves.set(`${prefix}${key}`, each);
    }
  };
  collect(object, '', 0);
  return leaves;
}

/** The text of a JSON value: Envoy keeps numbers if an operator stands alone. Null for an absent value. */
export function textOfJson(value: unknown): string | null {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' && value !== '-' ? value : null;
}
