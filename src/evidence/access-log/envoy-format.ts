import { type EnvoyOperator, envoyOperator } from './envoy-operator.ts';
import type { LogField } from './log-field.ts';

type Segment = { readonly literal: string } | { readonly operator: EnvoyOperator };

/** A compiled Envoy format string. */
export interface EnvoyFormat {
  readonly fields: ReadonlySet<LogField>;
  /** The values in a text, by their fields; null for a text of another shape. */
  read(text: string): ReadonlyMap<LogField, string> | null;
}

/** Longer lines are not read. Only a hostile client makes them, and each has a thousand ways to be split. */
const longestText = 16_384;
/** The attempts to split one text. A line as Envoy writes it takes one or two for each operator. */
const mostAttempts = 2_000;
const operatorSyntax = /%([A-Z0-9_]+)(?:\(([^)]*)\))?(?::\d+)?%|%%/g;

/**
 * Compiles an Envoy format string such as `%REQ(:AUTHORITY)% %RESPONSE_CODE%` to a reader of the lines that Envoy writes by it.
 * Envoy does not escape what clients send. A value therefore ends only where the rest of the line matches, too.
 */
export function compileEnvoyFormat(format: string): EnvoyFormat {
  const segments = segmentsOf(format.replace(/\r?\n$/, ''));
  const fields = new Set(segments.flatMap((each) => ('operator' in each ? (each.operator.field ?? []) : [])));
  return { fields, read: (text) => (text.length > longestText ? null : read(segments, text)) };
}

function segmentsOf(format: string): readonly Segment[] {
  const segments: Segment[] = [];
  let literal = '';
  let end = 0;
  const flush = () => {
    if (literal !== '') segments.push({ literal });
    literal = '';
  };
  for (const found of format.matchAll(operatorSyntax)) {
    literal += format.slice(end, found.index);
    end = found.index + found[0].length;
    const [whole, name, argument = ''] = found;
    if (name === undefined) {
      literal += whole === '%%' ? '%' : '';
      continue;
    }
    flush();
    segments.push({ operator: envoyOperator(name, argument) });
  }
  literal += format.slice(end);
  flush();
  return segments;
}

function read(segments: readonly Segment[], text: string): ReadonlyMap<LogField, string> | null {
  const values: string[] = [];
  let attempts = 0;
  const matches = (index: number, from: number): boolean => {
    const segment = segments[index];
    if (segment === undefined) return from === text.length;
    if ('literal' in segment) {
      return text.startsWith(segment.literal, from) && matches(index + 1, from + segment.literal.length);
    }
    for (const end of endsOf(text, from, segments[index + 1])) {
      attempts += 1;
      if (attempts > mostAttempts) return false;
      const value = text.slice(from, end);
      if (!segment.operator.accepts(value)) continue;
      values[index] = value;
      if (matches(index + 1, end)) return true;
    }
    return false;
  };
  if (!matches(0, 0)) return null;
  const found = new Map<LogField, string>();
  segments.forEach((segment, index) => {
    if (!('operator' in segment) || segment.operator.field === null) return;
    const value = segment.operator.value(values[index] ?? '');
    if (value !== null && !found.has(segment.operator.field)) found.set(segment.operator.field, value);
  });
  return found;
}

/** The places at which a value can end: before the next literal, or anywhere before another operator. */
function* endsOf(text: string, from: number, next: Segment | undefined): Generator<number> {
  if (next === undefined) {
    yield text.length;
  } else if ('literal' in next) {
    for (let end = text.indexOf(next.literal, from); end !== -1; end = text.indexOf(next.literal, end + 1)) yield end;
  } else {
    for (let end = from; end <= text.length; end += 1) yield end;
  }
}
