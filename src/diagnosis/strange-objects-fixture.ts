import fc from 'fast-check';
import type { Evidence } from '../evidence/evidence.ts';

type Path = readonly (string | number)[];

/** Values that a field may have where a controller, a webhook or a person wrote something that nobody expects. */
const strangeValues: readonly unknown[] = [
  ...[undefined, null, '', 'x', '*', '*.example.test', 'a/b', '\u0000', '2026-13-45T99:00:00Z', 0, -1, true],
  ...[[], {}, [null], ['x'], [{}], [[]], { name: null }],
];

/** What is changed in evidence: a place of one of its objects, by a number that is taken modulo how many there are, and its new value. */
type Change = readonly [place: number, value: unknown];

export const strangeChanges: fc.Arbitrary<readonly Change[]> = fc.array(
  fc.tuple(fc.nat(1_000_000), fc.constantFrom(...strangeValues)),
  { minLength: 1, maxLength: 4 },
);

/** Changes fields of recorded objects, wherever they are. */
export function makeStrange(evidence: Evidence, changes: readonly Change[]): void {
  for (const [place, value] of changes) {
    const places = evidence.objects.flatMap(({ states }) =>
      states.flatMap(({ object }) => pathsBelow(object).map((path) => ({ object, path }))),
    );
    const { object, path } = places[place % Math.max(places.length, 1)] ?? { object: {}, path: [] };
    change(object, path, value);
  }
}

function pathsBelow(value: unknown, above: Path = []): readonly Path[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, below]) => {
    const path = [...above, Array.isArray(value) ? Number(key) : key];
    return [path, ...pathsBelow(below, path)];
  });
}

function change(object: unknown, path: Path, value: unknown): void {
  if (typeof object !== 'object' || object === null) return;
  const [step, ...rest] = path;
  if (step === undefined) return;
  if (rest.length > 0) change(Reflect.get(object, step), rest, value);
  else if (value === undefined) Reflect.deleteProperty(object, step);
  else Reflect.set(object, step, structuredClone(value));
}
