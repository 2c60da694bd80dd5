import fc from 'fast-check';
import { expect } from 'vitest';
import { UserError } from './user-error.ts';

/** Bytes that somebody else wrote: anything at all, and JSON of anything. */
export const anyBytes: fc.Arbitrary<Buffer> = fc
  .oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc.string({ unit: 'binary' }).map((text) => Buffer.from(text)),
    fc.json().map((text) => Buffer.from(text)),
  )
  .map((bytes) => Buffer.from(bytes));

/** Text that somebody else wrote: anything at all, and what looks like YAML or JSON. */
export const anyText: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.json(),
  fc
    .array(
      fc.constantFrom(
        'a: ',
        '- ',
        '{',
        '}',
        '[',
        ']',
        '&x ',
        '*x',
        '!!js ',
        '|\n',
        '"',
        "'",
        '\n',
        '  ',
        '\t',
        ': ',
        '#',
        '---\n',
        '${',
        '<<: ',
      ),
      { maxLength: 30 },
    )
    .map((parts) => parts.join('')),
);

/** A document in which one value, wherever it is, was replaced by something else or taken away. */
export function damaged(document: unknown): fc.Arbitrary<unknown> {
  const places = placesIn(document);
  return fc
    .tuple(fc.constantFrom(...places), fc.oneof(fc.constant(undefined), fc.jsonValue()))
    .map(([place, value]) => {
      const copy: unknown = structuredClone(document);
      const last = place.at(-1);
      const owner = place.slice(0, -1).reduce<unknown>((inner, key) => (inner as Record<string, unknown>)[key], copy);
      if (last === undefined) return value;
      (owner as Record<string, unknown>)[last] = value;
      return copy;
    });
}

function placesIn(value: unknown, place: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [place];
  return [place, ...Object.entries(value).flatMap(([key, inner]) => placesIn(inner, [...place, key]))];
}

/** Does the work, which may refuse its input with one sentence and an exit code, and in no other way. */
export function readOrRefused(work: () => unknown): void {
  try {
    work();
  } catch (error) {
    expectRefusal(error);
  }
}

/** The same for work that takes time. */
export async function readOrRefusedLater(work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    expectRefusal(error);
  }
}

function expectRefusal(error: unknown): void {
  expect(error).toBeInstanceOf(UserError);
  if (!(error instanceof UserError)) throw error;
  expect(error.exitCode).toBe(2);
  expect(error.message).toMatch(/\S/);
}
