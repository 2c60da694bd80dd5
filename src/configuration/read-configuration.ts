import { access } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import { messageOf } from '../error-message.ts';
import { schemaProblem } from '../schema-problem.ts';
import { UserError } from '../user-error.ts';
import { readYaml } from '../yaml-file.ts';

/** The names of configuration files in the working directory. */
export const configurationFiles = ['padlock.config.ts', 'padlock.config.yaml'] as const;

const valueSchema = z.union([z.string(), z.number(), z.boolean(), z.array(z.union([z.string(), z.number()]))]);
const optionsSchema = z.record(z.string(), valueSchema);
const singleSchema = z.union([z.string(), z.number()]).transform(String);
const combinationSchema = z.record(z.string(), singleSchema);

const matrixSchema = z.strictObject({
  axes: z.record(z.string(), z.array(singleSchema).min(1)).default({}),
  include: z.array(combinationSchema).default([]),
  exclude: z.array(combinationSchema).default([]),
});

const configurationSchema = z.strictObject({
  run: optionsSchema.optional(),
  up: optionsSchema.optional(),
  ca: optionsSchema.optional(),
  matrix: matrixSchema.optional(),
});

/** The value of an option in a configuration. */
export type ConfiguredValue = z.infer<typeof valueSchema>;

/** A matrix of runs: every combination of the axes' values, without those of `exclude` and with those of `include`. */
export type MatrixConfiguration = z.infer<typeof matrixSchema>;

/** The contents of a configuration: defaults of command options, by their long names without dashes, and a matrix. */
export type ConfigurationContents = z.infer<typeof configurationSchema>;

export interface Configuration {
  readonly file: string;
  readonly contents: ConfigurationContents;
}

/**
 * Reads a directory's configuration, or the named file.
 *
 * @returns null if the directory has none and no file was named
 * @throws UserError (2) for an invalid configuration, with the place of the error, and for two configurations
 */
export async function readConfiguration(directory: string, named?: string): Promise<Configuration | null> {
  if (named !== undefined) return read(resolve(directory, named));
  const there: string[] = [];
  for (const name of configurationFiles) {
    const file = join(directory, name);
    const exists = await access(file).then(
      () => true,
      () => false,
    );
    if (exists) there.push(file);
  }
  const [file, other] = there;
  if (file === undefined) return null;
  if (other !== undefined) throw new UserError(`Found two configurations, ${file} and ${other}. Remove one.`);
  return read(file);
}

async function read(file: string): Promise<Configuration> {
  const value = /\.[cm]?ts$/.test(file) ? await exported(file) : await readYaml('configuration', file);
  const { data, error } = configurationSchema.safeParse(value ?? {});
  if (data) return { file, contents: data };
  const problem = schemaProblem(error, 'text, a number, true or false, or a list of texts or numbers');
  throw new UserError(`Invalid configuration ${file}: ${problem.replace(/^(must|has) /, 'it $1 ')}.`);
}

async function exported(file: string): Promise<unknown> {
  try {
    const module = (await import(pathToFileURL(file).href)) as { readonly default?: unknown };
    return module.default;
  } catch (cause) {
    const [what] = messageOf(cause).split('\n');
    throw new UserError(`The configuration ${file} cannot be loaded: ${what}.`, { cause });
  }
}
