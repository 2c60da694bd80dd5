import { isAbsolute } from 'node:path';
import { z } from 'zod';
import { allChecks, servingChecks } from '../checks/all-checks.ts';
import type { Check } from '../checks/check.ts';
import { plainHttpAnswers } from '../checks/serving/plain-http-answers.ts';
import { plainHttpRedirects } from '../checks/serving/plain-http-redirects.ts';
import { didYouMean } from '../closest-name.ts';
import type { Expectations } from '../evidence/evidence.ts';
import { schemaProblem } from '../schema-problem.ts';
import type { ScenarioContext } from '../suite/context/context.ts';
import { type FeatureName, featureNames } from '../suite/features.ts';
import type { Scenario, ScenarioSource } from '../suite/scenario.ts';
import { UserError } from '../user-error.ts';
import { checkGroups } from './check-groups.ts';
import type { GivenSubject } from './given-subject.ts';
import type { OwnScenarioNames } from './own-scenario-names.ts';
import { ScenarioSteps } from './scenario-steps.ts';
import { subjectOfManifests } from './subject-of-manifests.ts';
import { uncaughtErrorsOf } from './uncaught-errors.ts';

/** A scenario that a user writes. It acts; what is recorded meanwhile is judged by its checks. */
export interface OwnScenario {
  /** Kebab-case; the name in reports and of the evidence file, and a part of host names and namespaces. At most 30 characters. */
  readonly id: string;
  readonly title: string;
  /** The question that it answers, in one sentence. Default: its title. */
  readonly why?: string;
  /** The expected outcome, if it is not simply that the issuance completes. */
  readonly expectation?: string;
  /** What it covers, which decides where it can run: `padlock list --features`. */
  readonly features?: readonly FeatureName[];
  /** What it changes for the whole cluster, to follow its id, e.g. `adds a ClusterIssuer`. Then it runs alone. */
  readonly changesClusterWide?: string;
  /** Settings that differ from the components' defaults; the report lists them. */
  readonly settings?: Readonly<Record<string, string>>;
  /** The absolute path of the folder of its manifests, usually `import.meta.dirname`. */
  readonly manifests: string;
  /** Further namespaces in which it applies objects; without them, only its own. */
  namespaces?(names: OwnScenarioNames): readonly string[];
  /** The time limit of `act`, in milliseconds. Default: three minutes. */
  readonly timeLimitMs?: number;
  /** What it is about, where that does not follow from its manifests. */
  subject?(names: OwnScenarioNames): GivenSubject;
  /** How it expects its host to be served; absent if nothing is served. */
  readonly expects?: Expectations;
  /** The names besides its host that it issues for. */
  furtherHosts?(names: OwnScenarioNames): readonly string[];
  /** Acts and waits. It judges nothing. */
  act(steps: ScenarioSteps): Promise<void>;
  /** Probes from outside once `act` has ended, however it ended. Default: what its checks need. */
  observe?(steps: ScenarioSteps): Promise<void>;
  /** Checks by id, groups of checks by name, and checks of one's own. */
  readonly checks: readonly (string | Check)[];
}

const defaultTimeLimitMs = 180_000;
/** A namespace has at most 63 characters, and so does a label of a host name. */
const longestId = 30;

const functionSchema = (name: string) =>
  z.custom<unknown>((value) => typeof value === 'function', `${name} must be a function`);

/** What a scenario has as data, in a module and in YAML alike. */
export const metadataSchema = {
  id: z
    .string()
    .max(longestId)
    .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/)
    .describe('kebab-case, at most 30 characters; the name in reports and a part of host names and namespaces'),
  title: z.string().min(1).describe('one line for reports'),
  why: z.string().min(1).optional().describe('the question that the scenario answers, in one sentence'),
  expectation: z
    .string()
    .min(1)
    .optional()
    .describe('the expected outcome, if it is not simply that the issuance completes'),
  features: z
    .array(z.enum(featureNames))
    .optional()
    .describe('what it covers, which decides where it can run: see padlock list --features'),
  changesClusterWide: z
    .string()
    .min(1)
    .optional()
    .describe('what it changes for the whole cluster, e.g. "adds a ClusterIssuer"; then it runs alone'),
  settings: z
    .record(z.string(), z.string())
    .optional()
    .describe("settings that differ from the components' defaults, for the report"),
} as const;

const checkSchema = z.union([
  z.string(),
  z.object({ id: z.string().min(1), asserts: z.string().min(1), judge: functionSchema('judge of a check') }),
]);

const moduleSchema = z.strictObject({
  ...metadataSchema,
  manifests: z.string(),
  namespaces: functionSchema('namespaces').optional(),
  timeLimitMs: z.number().positive().optional(),
  subject: functionSchema('subject').optional(),
  expects: z.strictObject({ http: z.enum(['answers', 'redirect']) }).optional(),
  furtherHosts: functionSchema('furtherHosts').optional(),
  act: functionSchema('act'),
  observe: functionSchema('observe').optional(),
  checks: z.array(checkSchema).min(1),
});

/**
 * Gives a scenario its type and validates it.
 *
 * @throws UserError (2) in one sentence
 */
export function scenario(definition: OwnScenario): OwnScenario {
  const { error } = moduleSchema.safeParse(definition);
  const name = typeof definition?.id === 'string' ? ` ${definition.id}` : '';
  if (error)
    throw new UserError(`The scenario${name} is wrong: ${schemaProblem(error).replace(/^(must|has) /, 'it $1 ')}.`);
  if (!isAbsolute(definition.manifests)) {
    throw new UserError(
      `The scenario${name} is wrong: manifests must be an absolute path, such as import.meta.dirname.`,
    );
  }
  checksOf(definition.checks);
  return definition;
}

/** How the steps of a scenario are found in the user's files. */
export interface StepPlaces {
  /** `file:line` of the beginning of the scenario. */
  readonly place: string;
  /** `file:line` of the step that begins now, called from it; null if that is not known. */
  placeOfStep(): string | null;
  /** `file:line` where an error was thrown; null if that is not in the user's files. */
  placeOfError(error: unknown): string | null;
}

/**
 * The scenario as a run performs it.
 *
 * @internal
 * @param files the paths of the manifests that it applies; null where that is not known before it runs
 * @throws UserError (2) where its manifests or checks are not right
 */
export function completed(own: OwnScenario, places: StepPlaces, files: readonly string[] | null = null): Scenario {
  const { id, title, why = title, features = [], changesClusterWide = null, settings = {}, manifests } = own;
  const checks = checksOf(own.checks);
  let lastPlace: string | null = null;
  const placesOfErrors = new WeakMap<WeakKey, string>();
  const stepsFor = (context: ScenarioContext) => {
    const { names } = context.parts;
    const scope = {
      namespaces: [names.namespace, ...(own.namespaces?.(names) ?? [])],
      changesClusterWide: changesClusterWide !== null,
    };
    return new ScenarioSteps(context, scope, () => {
      lastPlace = places.placeOfStep() ?? lastPlace;
    });
  };
  /** Remembers where the scenario was when it threw: what follows has steps, too. */
  const placed = async (work: () => Promise<void>) => {
    try {
      await work();
    } catch (error) {
      const place = places.placeOfError(error) ?? lastPlace;
      if (place !== null && typeof error === 'object' && error !== null) placesOfErrors.set(error, place);
      throw error;
    }
  };
  const source: ScenarioSource = {
    place: places.place,
    placeOf(error) {
      const known = typeof error === 'object' && error !== null ? placesOfErrors.get(error) : undefined;
      return known ?? lastPlace ?? places.place;
    },
  };
  return {
    ...{ id, title, why, features, changesClusterWide, settings, manifests, checks, source },
    ...(own.expectation === undefined ? {} : { expectation: own.expectation }),
    ...(own.expects === undefined ? {} : { expects: own.expects }),
    ...(own.furtherHosts === undefined ? {} : { furtherHosts: own.furtherHosts }),
    timeLimitMs: own.timeLimitMs ?? defaultTimeLimitMs,
    sharedNamespaces: (names) => own.namespaces?.(names) ?? [],
    subject: (names) => subjectOfManifests({ folder: manifests, files }, names, own.subject?.(names)),
    act: (context) =>
      placed(async () => {
        lastPlace = null;
        const uncaught = uncaughtErrorsOf((error) => places.placeOfError(error) !== null);
        try {
          await Promise.race([own.act(stepsFor(context)), uncaught.first]);
        } finally {
          uncaught.ignore();
        }
      }),
    observe: (context) => {
      const before = lastPlace;
      const steps = stepsFor(context);
      return placed(async () => {
        await (own.observe?.(steps) ?? observeFor(checks, steps));
      }).finally(() => {
        lastPlace = before;
      });
    },
  };
}

const checksOfServing = new Set<Check>([...servingChecks, plainHttpAnswers, plainHttpRedirects]);

/** Probes what the checks judge. */
async function observeFor(checks: readonly Check[], steps: ScenarioSteps): Promise<void> {
  const names = new Set(checks.map(({ id }) => id));
  if (checks.some((check) => checksOfServing.has(check))) await steps.probeServedCertificate();
  else if (!names.has('challenges-by-dns01')) await steps.probeChallengePathAfter();
  if (names.has('challenges-by-dns01')) await steps.probeTxtRecords();
}

/** The checks that ids, names of groups and checks of one's own stand for, each once. @throws UserError (2) */
export function checksOf(wanted: readonly (string | Check)[]): readonly Check[] {
  const found = wanted.flatMap((check): readonly Check[] => {
    if (typeof check !== 'string') {
      const known = allChecks.get(check.id);
      if (known === undefined || known === check) return [check];
      throw new UserError(`The id ${check.id} of a check is taken by one of Padlock's: choose another.`);
    }
    const group = Object.hasOwn(checkGroups, check) ? checkGroups[check] : undefined;
    const one = allChecks.get(check);
    if (group !== undefined) return group;
    if (one !== undefined) return [one];
    const known = [...Object.keys(checkGroups), ...allChecks.keys()];
    throw new UserError(`There is no check ${check}${didYouMean(check, known)}.`);
  });
  return [...new Map(found.map((check) => [check.id, check])).values()];
}
