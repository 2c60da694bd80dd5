import { isDeepStrictEqual } from 'node:util';
import type { BrowserView } from '../issuance/browser-view.ts';
import { derivedFields } from '../issuance/derived-fields.ts';
import type { IssuanceReading } from '../issuance/reading.ts';
import type { ScenarioReport } from '../report/report.ts';
import { type Finding, quoted } from './finding.ts';

/**
 * Derives again what a scenario's report takes from its evidence, and compares: one finding for each field that differs.
 *
 * @param sameVersion whether this version of Padlock wrote the report. If not, explanations may be worded differently, and
 * only the facts beside them are compared.
 */
export function differencesFrom(reading: IssuanceReading, reported: ScenarioReport, sameVersion: boolean): Finding[] {
  const complain = (message: string): Finding => ({ about: 'derivation', message: `${reported.id}: ${message}` });
  let derived: ReturnType<typeof derivedFields>;
  try {
    derived = derivedFields(reading);
  } catch (error) {
    const reason = quoted(error instanceof Error ? error.message : error);
    return [complain(`its fields cannot be derived from the evidence: ${reason}.`)];
  }
  const expected = { ...derived, browser: withPictureOf(reported.browser, derived.browser) };
  const compared = (field: string, value: unknown) =>
    sameVersion ? plain(value) : withoutExplanations(field, plain(value));
  return Object.entries(expected).flatMap(([field, value]) => {
    const said = Object.entries(reported).find(([name]) => name === field)?.[1];
    const first = firstDifference(field, compared(field, said), compared(field, value));
    return first === null
      ? []
      : complain(
          `${first.path} is ${quoted(first.derived)} by the evidence, but the report says ${quoted(first.said)}.`,
        );
  });
}

/** Only the report, not the evidence, contains the path of the screenshot or its absence. */
function withPictureOf(reported: BrowserView | null, derived: BrowserView | null): BrowserView | null {
  if (derived === null || reported === null) return derived;
  if (reported.screenshot === null) return { ...derived, screenshotSha256: reported.screenshotSha256 };
  return { ...derived, screenshot: reported.screenshot };
}

/** The members of a field that explain its facts in prose. */
const explanations: Readonly<Record<string, readonly string[]>> = { phases: ['note'], timeline: ['why', 'clocks'] };

function withoutExplanations(field: string, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => withoutExplanations(field, item));
  if (!isContainer(value)) return value;
  const facts = Object.entries(value).filter(([name]) => explanations[field]?.includes(name) !== true);
  return Object.fromEntries(facts.map(([name, member]) => [name, withoutExplanations(field, member)]));
}

/** As it would be read from a file: without members that are undefined. */
function plain(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}

interface Difference {
  readonly path: string;
  readonly said: unknown;
  readonly derived: unknown;
}

function firstDifference(path: string, said: unknown, derived: unknown): Difference | null {
  if (isDeepStrictEqual(said, derived)) return null;
  if (!isContainer(said) || !isContainer(derived) || Array.isArray(said) !== Array.isArray(derived)) {
    return { path, said, derived };
  }
  const keys = new Set([...Object.keys(said), ...Object.keys(derived)]);
  for (const key of keys) {
    const inner = firstDifference(Array.isArray(said) ? `${path}[${key}]` : `${path}.${key}`, said[key], derived[key]);
    if (inner !== null) return inner;
  }
  return { path, said, derived };
}

function isContainer(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
