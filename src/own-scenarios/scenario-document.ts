import { readFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { allChecks } from '../checks/all-checks.ts';
import { didYouMean } from '../closest-name.ts';
import { fileErrorReason } from '../file-error.ts';
import { type PublishedSchema, published } from '../report/json-schema.ts';
import { schemaProblem } from '../schema-problem.ts';
import { UserError } from '../user-error.ts';
import { yamlValue } from '../yaml-value.ts';
import { checkGroups } from './check-groups.ts';
import type { GivenSubject } from './given-subject.ts';
import { manifestFile } from './manifest-file.ts';
import { namePlaceholders } from './name-placeholders.ts';
import { metadataSchema, type OwnScenario } from './own-scenario.ts';
import type { OwnScenarioNames } from './own-scenario-names.ts';
import type { ScenarioSteps } from './scenario-steps.ts';

const duration = z
  .string()
  .regex(/^[1-9]\d{0,4}(s|m)$/, 'a duration is a number with s or m, such as 90s or 3m')
  .describe('a number with s or m, such as 90s or 3m');

const reference = z.strictObject({ namespace: z.string().optional(), name: z.string() });

const waits = z.enum(['issuerReady', 'certificateReady', 'solverGone', 'applicationAnswers']);

const objectWait = z.strictObject({
  apiVersion: z.string(),
  kind: z.string(),
  name: z.string(),
  namespace: z.string().optional().describe("by default the scenario's own"),
  condition: z.string().describe('a condition that must be True, or "gone": the object must not exist'),
  within: duration.optional().describe('by default 60s'),
});

const reasonWait = z.strictObject({
  challengeSays: z.string().describe('words in the reason of a Challenge'),
  within: duration.optional().describe('by default 60s'),
});

const stepSchemas = {
  deployApplication: z
    .strictObject({ deployApplication: z.literal('httpbin') })
    .describe('deploys a small HTTP application, Service httpbin with port 8000'),
  apply: z
    .strictObject({ apply: z.union([z.string(), z.array(z.string()).min(1)]) })
    .describe(
      "manifests of the folder, or Padlock's issuer.yaml, certificate.yaml, gateway.yaml and issuer-dns01.yaml",
    ),
  pointHostAt: z
    .strictObject({ pointHostAt: z.union([z.literal('gateway'), z.ipv4()]) })
    .describe("points the scenario's names at the gateway or an IPv4 address"),
  waitFor: z.strictObject({ waitFor: z.union([waits, reasonWait, objectWait]) }).describe('waits, with a limit'),
  renewCertificate: z
    .strictObject({ renewCertificate: z.literal('now') })
    .describe('renews as cmctl renew does, and waits until the renewal ended'),
} as const;

type StepName = keyof typeof stepSchemas;
const stepNames = Object.keys(stepSchemas);

const stepSchema = z.union(Object.values(stepSchemas));
type Step = z.infer<typeof stepSchema>;

const checkNames = [...Object.keys(checkGroups), ...allChecks.keys()];

/** A scenario of a user as a YAML document, `scenario.yaml`, beside its manifests. */
export const scenarioDocumentSchema = z.strictObject({
  ...metadataSchema,
  id: metadataSchema.id.optional().describe('kebab-case, at most 30 characters; by default the name of the folder'),
  namespaces: z
    .array(z.string())
    .optional()
    .describe('further namespaces in which it applies objects, such as that of the gateway, by its placeholder'),
  timeLimit: duration.optional().describe('of all steps; by default 3m'),
  subject: z
    .strictObject({
      host: z.string().optional(),
      issuer: reference.optional(),
      certificate: reference.optional(),
      secret: reference.optional(),
      solver: z.enum(['ingress', 'gateway-httproute', 'dns01']).optional(),
      gateway: reference.optional().describe('the Service of the gateway'),
      application: z.strictObject({ service: z.string().describe('its FQDN'), port: z.int() }).optional(),
    })
    .optional()
    .describe('the objects under test, where they do not follow from the manifests'),
  expects: z
    .strictObject({ http: z.enum(['answers', 'redirect']).describe('what users get over plain HTTP') })
    .optional()
    .describe('how the host is to be served; absent if nothing is served'),
  furtherHosts: z
    .array(z.string())
    .optional()
    .describe('names besides the host that it issues for; the placeholder furtherHost1 stands for the first'),
  steps: z.array(stepSchema).min(1).describe('what it does, in order'),
  checks: z.array(z.enum(checkNames)).min(1).describe('checks by id, or groups of them'),
});

const formatVersion = 1;

/** The JSON Schema of `scenario.yaml`. */
export function publishedScenarioDocument(): PublishedSchema {
  return published('scenario', formatVersion, "A scenario of a user's own for Padlock", scenarioDocumentSchema);
}

/** A scenario read from YAML, and where its parts are. */
export interface ReadDocument {
  readonly scenario: OwnScenario;
  readonly place: string;
  /** `file:line` of the step that was begun last; null before the first. */
  placeOfStep(): string | null;
  /** The paths of the manifests that it applies, in order. */
  readonly files: readonly string[];
}

/** Reads `scenario.yaml`. @throws UserError (2) in one sentence, with file and line */
export function readScenarioDocument(file: string): ReadDocument {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new UserError(`Cannot read the scenario ${file}: ${fileErrorReason(cause)}.`, { cause });
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const lineAt = (offset: number) => lines.linePos(offset).line;
  const [syntaxError] = document.errors;
  if (syntaxError) {
    throw new UserError(
      `The scenario ${file}:${lineAt(syntaxError.pos[0])} is not valid YAML: ${syntaxError.message}.`,
    );
  }
  /** The line of the innermost part of a path that exists. */
  const lineOf = (path: readonly PropertyKey[]): number => {
    let node: unknown = document.contents;
    let line = 1;
    for (const key of path) {
      if (isMap(node)) {
        const pair = node.items.find((item) => isScalar(item.key) && item.key.value === key);
        if (pair === undefined) break;
        if (isScalar(pair.key)) line = lineAt(pair.key.range?.[0] ?? 0);
        node = pair.value;
      } else if (isSeq(node)) {
        const item: unknown = node.items[Number(key)];
        if (item === undefined) break;
        node = item;
        if (isMap(item) || isScalar(item) || isSeq(item)) line = lineAt(item.range?.[0] ?? 0);
      } else break;
    }
    return line;
  };
  const value = yamlValue(document, `The scenario ${file}`);
  const { data, error } = scenarioDocumentSchema.safeParse(value);
  if (error) {
    const { path, sentence } = problemOf(value, error);
    throw new UserError(`The scenario ${file}:${lineOf(path)} is wrong: ${sentence}.`);
  }
  const id = data.id ?? basename(dirname(file));
  if (!metadataSchema.id.safeParse(id).success) {
    throw new UserError(
      `The scenario ${file}:1 needs an id: the name of its folder, ${id}, is not kebab-case with at most 30 characters.`,
    );
  }
  let lastPlace: string | null = null;
  const { steps, subject, namespaces, furtherHosts, timeLimit, ...rest } = data;
  const filledIn = (text: string, names: OwnScenarioNames, ...path: readonly PropertyKey[]) =>
    filledWith(text, namePlaceholders(names), () => `${file}:${lineOf(path)}`);
  const files = steps.flatMap((step, index) =>
    'apply' in step
      ? [step.apply].flat().map((name) => {
          const found = manifestFile(dirname(file), name);
          if (found !== null) return found;
          throw new UserError(
            `There is no manifest ${name} in ${dirname(file)} (${file}:${lineOf(['steps', index])}).`,
          );
        })
      : [],
  );
  return {
    files,
    place: `${file}:${lineOf(['title'])}`,
    placeOfStep: () => lastPlace,
    scenario: {
      ...definedOnly(rest),
      id,
      manifests: dirname(file),
      ...(timeLimit === undefined ? {} : { timeLimitMs: inMs(timeLimit) }),
      namespaces: (names) => (namespaces ?? []).map((text, index) => filledIn(text, names, 'namespaces', index)),
      furtherHosts: (names) => (furtherHosts ?? []).map((text, index) => filledIn(text, names, 'furtherHosts', index)),
      subject(names) {
        const { host, solver, application, ...references } = subject ?? {};
        const referenceTo = (part: keyof typeof references) => {
          const given = references[part];
          if (given === undefined) return {};
          const { namespace = names.namespace, name } = given;
          const fill = (text: string, field: string) => filledIn(text, names, 'subject', part, field);
          return { [part]: { namespace: fill(namespace, 'namespace'), name: fill(name, 'name') } };
        };
        const given: GivenSubject = {
          ...(host === undefined ? {} : { host: filledIn(host, names, 'subject', 'host') }),
          ...(solver === undefined ? {} : { solver }),
          ...(application === undefined
            ? {}
            : {
                application: {
                  service: filledIn(application.service, names, 'subject', 'application', 'service'),
                  port: application.port,
                },
              }),
        };
        return Object.assign(given, ...(['issuer', 'certificate', 'secret', 'gateway'] as const).map(referenceTo));
      },
      async act(context) {
        for (const [index, step] of steps.entries()) {
          lastPlace = `${file}:${lineOf(['steps', index])}`;
          await perform(step, context, (text) =>
            filledWith(text, { namespace: context.namespace, host: context.host }, () => lastPlace ?? file),
          );
        }
      },
    },
  };
}

async function perform(step: Step, steps: ScenarioSteps, fill: (text: string) => string): Promise<void> {
  if ('deployApplication' in step) return await steps.deployApplication();
  if ('apply' in step) return await steps.apply(step.apply);
  if ('pointHostAt' in step) return await steps.pointHostAt(step.pointHostAt);
  if ('renewCertificate' in step) return await steps.renewCertificate();
  const { waitFor } = step;
  if (typeof waitFor === 'string') return await waitNamed(waitFor, steps);
  const { within } = waitFor;
  const withinMs = within === undefined ? undefined : inMs(within);
  if ('challengeSays' in waitFor) return await steps.untilChallengeSays(waitFor.challengeSays, withinMs);
  const { apiVersion, kind, condition } = waitFor;
  const object = {
    ...{ apiVersion, kind, name: fill(waitFor.name) },
    ...(waitFor.namespace === undefined ? {} : { namespace: fill(waitFor.namespace) }),
  };
  if (condition === 'gone') await steps.untilGone(object, withinMs);
  else await steps.untilCondition(object, condition, withinMs);
}

async function waitNamed(wait: z.infer<typeof waits>, steps: ScenarioSteps): Promise<void> {
  switch (wait) {
    case 'issuerReady':
      return await steps.untilIssuerReady();
    case 'certificateReady':
      return await steps.untilCertificateReady();
    case 'solverGone':
      return await steps.untilSolverGone();
    case 'applicationAnswers':
      return await steps.untilApplicationAnswers();
  }
}

function inMs(text: string): number {
  return Number.parseInt(text, 10) * (text.endsWith('m') ? 60_000 : 1_000);
}

function filledWith(text: string, values: Readonly<Record<string, string>>, place: () => string): string {
  return text.replace(/\$\{([^}\n]*)\}/g, (placeholder, name: string) => {
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    if (value !== undefined) return value;
    const known = Object.keys(values).sort().join(', ');
    throw new UserError(
      `The placeholder ${placeholder} at ${place()} has no value. Known placeholders there: ${known}.`,
    );
  });
}

/** Optional fields that are absent, instead of undefined. */
function definedOnly<Fields extends object>(
  fields: Fields,
): { [Name in keyof Fields]: Exclude<Fields[Name], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never;
}

interface Problem {
  readonly path: readonly PropertyKey[];
  readonly sentence: string;
}

/** The first thing that is wrong with a document, and where. */
function problemOf(value: unknown, error: z.ZodError): Problem {
  // A misspelled key often makes another one missing.
  const [first] = error.issues;
  const issue = error.issues.find(({ code }) => code === 'unrecognized_keys') ?? first;
  if (issue === undefined) return { path: [], sentence: 'it cannot be read' };
  const { path } = issue;
  if (issue.code === 'invalid_union' && path[0] === 'steps' && path.length === 2) return problemOfStep(value, path);
  if (issue.code === 'unrecognized_keys') {
    const [key = ''] = issue.keys;
    const known = knownKeys(path);
    const where = path.length === 0 ? 'it' : path.join('.');
    return { path: [...path, key], sentence: `${where} has the unknown key "${key}"${didYouMean(key, known)}` };
  }
  if (issue.code === 'invalid_value' && path[0] === 'checks') {
    const wanted = String(at(value, path));
    return { path, sentence: `there is no check ${wanted}${didYouMean(wanted, checkNames)}` };
  }
  if (issue.code === 'invalid_value' && path[0] === 'features') {
    const wanted = String(at(value, path));
    const names = issue.values.map(String);
    return { path, sentence: `there is no feature ${wanted}${didYouMean(wanted, names)}` };
  }
  const sentence = schemaProblem(error, 'one of the values that the schema names');
  return { path, sentence: path.length === 0 ? `it ${sentence}` : sentence };
}

/** A union says only that no member fits; the key of the step tells which member was meant. */
function problemOfStep(value: unknown, path: readonly PropertyKey[]): Problem {
  const step = at(value, path);
  const keys = typeof step === 'object' && step !== null ? Object.keys(step) : [];
  const [key] = keys;
  if (key === undefined)
    return { path, sentence: `${path.join('.')} must be one of the steps ${stepNames.join(', ')}` };
  if (!isStepName(key)) {
    return { path: [...path, key], sentence: `there is no step ${key}${didYouMean(key, stepNames)}` };
  }
  if (keys.length > 1)
    return { path, sentence: `${path.join('.')} has ${keys.length} steps in one entry: ${keys.join(', ')}` };
  const waitFor = key === 'waitFor' ? at(step, ['waitFor']) : null;
  if (typeof waitFor === 'object' && waitFor !== null && !Array.isArray(waitFor)) {
    const { error } = ('challengeSays' in waitFor ? reasonWait : objectWait).safeParse(waitFor);
    // A misspelled key often makes another one missing.
    const issue = error?.issues.find(({ code }) => code === 'unrecognized_keys') ?? error?.issues[0];
    if (issue !== undefined) {
      const place = [...path, key, ...issue.path];
      return { path: place, sentence: schemaProblem(new z.ZodError([{ ...issue, path: place }]), 'another value') };
    }
  }
  const { error } = stepSchemas[key].safeParse(step);
  const allowed: Readonly<Record<StepName, string>> = {
    deployApplication: 'httpbin',
    apply: 'a file or a list of files',
    pointHostAt: 'gateway or an IPv4 address',
    waitFor: `${waits.options.join(', ')}, challengeSays with words, or an object with apiVersion, kind, name and condition`,
    renewCertificate: 'now',
  };
  const seen = error === undefined ? '' : ` must be ${allowed[key]}`;
  return { path: [...path, key], sentence: `${[...path, key].join('.')}${seen}` };
}

function isStepName(name: string): name is StepName {
  return Object.hasOwn(stepSchemas, name);
}

function knownKeys(path: readonly PropertyKey[]): readonly string[] {
  const [first] = path;
  if (first === undefined) return Object.keys(scenarioDocumentSchema.shape);
  return first === 'subject' && path.length === 1
    ? ['host', 'issuer', 'certificate', 'secret', 'solver', 'gateway', 'application']
    : [];
}

function at(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (part, key) => (typeof part === 'object' && part !== null ? Reflect.get(part, key) : undefined),
    value,
  );
}
