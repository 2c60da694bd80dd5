import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { caChecks } from '../catalogue/catalogue.ts';
import type { CaCheck } from '../catalogue/check.ts';
import { selectChecks } from '../runner/run-conformance.ts';

/** The CAs whose verdicts are known. */
export const knownCas = ['pebble', 'step-ca'] as const;

export type KnownCa = (typeof knownCas)[number];

const variantSchema = z.strictObject({
  name: z.string(),
  profile: z.enum(['standard', 'exhaustive']),
  /** How the CA and the run are set up, for the table of results. */
  description: z.string(),
  /** Of the run in docs/ca-results, as its duration. */
  requests: z.int(),
  seconds: z.number(),
});

const verdictSchema = z.strictObject({
  verdict: z.enum(['failed', 'warned', 'skipped']),
  /** Checks with the same reason. */
  checks: z.array(z.string()).min(1),
  /** The section and what it requires. */
  requirement: z.string().optional(),
  /** What the CA does, or what the check needs. */
  reason: z.string(),
  /** The only variants with this verdict. Default: all whose profile has the check. */
  in: z.array(z.string()).optional(),
  /** Variants in which the checks pass. */
  notIn: z.array(z.string()).optional(),
  /** The CA decides at random, so the checks may also pass. `rarely`: they usually do. */
  chance: z.enum(['usually', 'rarely']).optional(),
});

const schema = z.strictObject({
  ca: z.string(),
  variants: z.array(variantSchema),
  verdicts: z.array(verdictSchema),
});

export type Variant = z.infer<typeof variantSchema>;
export type ExpectedVerdict = z.infer<typeof verdictSchema>;
export type ExpectedVerdicts = z.infer<typeof schema>;

/** Every verdict of a CA other than `passed`, each with its reason. */
export function expectedVerdicts(ca: KnownCa): ExpectedVerdicts {
  return schema.parse(JSON.parse(readFileSync(new URL(`./${ca}.json`, import.meta.url), 'utf8')));
}

/** The checks that a variant runs. @throws for an unknown variant */
export function checksOf({ variants }: ExpectedVerdicts, name: string): readonly CaCheck[] {
  const variant = variants.find((one) => one.name === name);
  if (variant === undefined) throw new Error(`unknown variant ${name}`);
  return selectChecks(variant.profile, []);
}

/**
 * The verdicts of a variant other than `passed`, by the ids of the checks.
 *
 * @param expected without those that come rarely by chance
 */
export function notPassedIn(expected: ExpectedVerdicts, variant: string): ReadonlyMap<string, ExpectedVerdict> {
  const ids = new Set(checksOf(expected, variant).map(({ id }) => id));
  return new Map(
    expected.verdicts
      .filter((one) => one.chance !== 'rarely' && appliesIn(one, variant))
      .flatMap((one) => one.checks.filter((id) => ids.has(id)).map((id) => [id, one])),
  );
}

function appliesIn({ in: only, notIn }: ExpectedVerdict, variant: string): boolean {
  return (only === undefined || only.includes(variant)) && notIn?.includes(variant) !== true;
}

/**
 * Compares the verdicts of a run with the expected ones.
 *
 * @returns two lists such as `failed some-check`, equal if the run is as expected. Neither has a verdict that chance decides; any
 *   other verdict of such a check is seen.
 */
export function compareVerdicts(
  expected: ExpectedVerdicts,
  variant: string,
  results: readonly { readonly id: string; readonly verdict: string }[],
): { readonly seen: readonly string[]; readonly expected: readonly string[] } {
  const byChance = new Set(
    expected.verdicts
      .filter((one) => one.chance !== undefined && appliesIn(one, variant))
      .flatMap(({ checks, verdict }) => checks.map((id) => `${verdict} ${id}`)),
  );
  const known = notPassedIn(expected, variant);
  return {
    seen: results
      .filter(({ verdict }) => verdict !== 'passed')
      .map(({ id, verdict }) => `${verdict} ${id}`)
      .filter((one) => !byChance.has(one)),
    expected: caChecks
      .filter(({ id }) => known.has(id))
      .map(({ id }) => `${known.get(id)?.verdict} ${id}`)
      .filter((one) => !byChance.has(one)),
  };
}
