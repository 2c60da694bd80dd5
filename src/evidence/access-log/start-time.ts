const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

type Part = 'Y' | 'y' | 'm' | 'b' | 'd' | 'H' | 'I' | 'p' | 'M' | 'S' | 's' | 'ms' | 'f' | 'z';

/** A conversion of strftime: what it looks like, and which part of the time it gives. */
const conversions: Readonly<Record<string, readonly [pattern: string, part: Part | null]>> = {
  Y: [String.raw`(\d{4})`, 'Y'],
  y: [String.raw`(\d{2})`, 'y'],
  m: [String.raw`(\d{2})`, 'm'],
  b: ['([A-Za-z]{3})', 'b'],
  h: ['([A-Za-z]{3})', 'b'],
  d: [String.raw`(\d{2})`, 'd'],
  e: [String.raw`( ?\d{1,2})`, 'd'],
  H: [String.raw`(\d{2})`, 'H'],
  I: [String.raw`(\d{2})`, 'I'],
  p: ['([AaPp][Mm])', 'p'],
  M: [String.raw`(\d{2})`, 'M'],
  S: [String.raw`(\d{2})`, 'S'],
  s: [String.raw`(\d{9,11})`, 's'],
  f: [String.raw`(\d{1,9})`, 'f'],
  z: [String.raw`([+-]\d{2}:?\d{2}|Z)`, 'z'],
  Z: ['([A-Za-z]+)', null],
  a: ['([A-Za-z]{3})', null],
  A: ['([A-Za-z]+)', null],
};

const composed: Readonly<Record<string, string>> = {
  F: '%Y-%m-%d',
  T: '%H:%M:%S',
  R: '%H:%M',
  D: '%m/%d/%y',
  c: '%a %b %e %H:%M:%S %Y',
};

/**
 * Compiles the argument of Envoy's `%START_TIME(…)%` (strftime with `%f` and `%3f` for fractions and `%s` for epoch seconds:
 * Envoy's documentation, "Access logging", "Command operators") to a reader of such times. A time without an offset is UTC, as
 * Envoy writes it.
 *
 * @param format empty for Envoy's default, ISO 8601 with milliseconds
 * @returns ISO 8601 in UTC; null for another text
 */
export function startTimeReader(format: string): (text: string) => string | null {
  if (format.trim() === '') return isoTime;
  const { source, parts } = compiled(format);
  const pattern = new RegExp(`^${source}$`);
  return (text) => {
    const found = pattern.exec(text);
    if (found === null) return null;
    const values = new Map<Part, string>();
    parts.forEach((part, index) => {
      if (part !== null) values.set(part, found[index + 1] ?? '');
    });
    return timeOf(values);
  };
}

function compiled(format: string): { source: string; parts: (Part | null)[] } {
  const parts: (Part | null)[] = [];
  const expanded = format.replace(/%([FTRDc])/g, (whole, letter: string) => composed[letter] ?? whole);
  const source = expanded.replace(/%(\d?)([A-Za-z%])|[\\^$.*+?()[\]{}|/]/g, (text, digits = '', letter = '') => {
    if (letter === '') return `\\${text}`;
    if (letter === '%') return '%';
    const [pattern, part] = conversions[letter] ?? ['(.*?)', null];
    parts.push(part);
    return letter === 'f' && digits !== '' ? String.raw`(\d{${digits}})` : pattern;
  });
  return { source, parts };
}

function timeOf(values: ReadonlyMap<Part, string>): string | null {
  const fraction = Number(`0.${values.get('f') ?? '0'}`);
  const seconds = values.get('s');
  if (seconds !== undefined) return isoOf(Number(seconds) * 1000 + Math.trunc(fraction * 1000));
  const number = (part: Part, otherwise: number) => (values.has(part) ? Number(values.get(part)) : otherwise);
  const named = values.get('b');
  const month = named === undefined ? number('m', Number.NaN) - 1 : months.indexOf(named.toLowerCase());
  const year = values.has('Y') ? number('Y', 0) : 2000 + number('y', Number.NaN);
  const afternoon = values.get('p')?.toLowerCase() === 'pm' ? 12 : 0;
  const hour = values.has('I') ? (number('I', 0) % 12) + afternoon : number('H', Number.NaN);
  const time = Date.UTC(
    year,
    month < 0 ? Number.NaN : month,
    number('d', Number.NaN),
    hour,
    number('M', Number.NaN),
    number('S', 0),
    Math.trunc(fraction * 1000),
  );
  return isoOf(time - offsetMs(values.get('z') ?? 'Z'));
}

function offsetMs(zone: string): number {
  const [, sign, hours, minutes] = /^([+-])(\d{2}):?(\d{2})$/.exec(zone) ?? [];
  if (sign === undefined) return 0;
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000;
}

function isoOf(time: number): string | null {
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? null : date.toISOString();
}

/** ISO 8601, or seconds or milliseconds since the epoch. */
export function isoTime(text: string): string | null {
  if (/^\d{4}-\d{2}-\d{2}[T ]/.test(text)) return isoOf(Date.parse(text));
  if (/^\d{9,11}(\.\d+)?$/.test(text)) return isoOf(Number(text) * 1000);
  if (/^\d{12,14}$/.test(text)) return isoOf(Number(text));
  return null;
}
