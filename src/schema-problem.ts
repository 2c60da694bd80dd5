import type { z } from 'zod';

const nouns: Readonly<Record<string, string>> = {
  array: 'a list',
  object: 'a mapping',
  record: 'a mapping',
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
};

/**
 * The first thing that is wrong with a document, in words for the people who wrote it.
 *
 * @param unions what is expected at a place that takes several types, e.g. `text or a list of texts`
 * @returns e.g. `matrix.axes must be a mapping`, or `has the unknown key "runs"` for the document itself
 */
export function schemaProblem({ issues: [issue] }: z.ZodError, unions = 'another value'): string {
  if (issue === undefined) return 'is wrong';
  const place = issue.path.join('.');
  const words = wordsOf(issue, unions);
  return place === '' ? words : `${place} ${words}`;
}

function wordsOf(issue: z.core.$ZodIssue, unions: string): string {
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${nouns[issue.expected] ?? issue.expected}`;
    case 'unrecognized_keys':
      return `has the unknown key ${issue.keys.map((key) => `"${key}"`).join(', ')}`;
    case 'invalid_value':
      return `must be ${issue.values.map((value) => JSON.stringify(value)).join(' or ')}`;
    case 'too_small':
      if (issue.origin === 'string') return 'must not be empty';
      return `needs at least ${issue.minimum} ${issue.minimum === 1 ? 'entry' : 'entries'}`;
    case 'invalid_union':
      return `must be ${unions}`;
    default:
      return `is wrong: ${issue.message}`;
  }
}
