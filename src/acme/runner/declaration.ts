import { z } from 'zod';
import { schemaProblem } from '../../schema-problem.ts';
import { UserError } from '../../user-error.ts';
import { readYaml } from '../../yaml-file.ts';
import { type CaFeature, caFeatureNames } from '../catalogue/features.ts';

const text = z.string().trim().min(1);

export const implementationSchema = z.strictObject({
  organization: text.describe('Who makes the CA.'),
  project: text.describe('The name of the CA.'),
  url: z.url({ protocol: /^https?$/ }).describe('Where to read about it.'),
  version: text.describe('Its version.'),
  contact: z.array(text).min(1).describe('Whom to ask about the result: mail addresses, or names at GitHub.'),
});

const declarationSchema = z.strictObject({
  implementation: implementationSchema,
  mode: text.default('default'),
  features: z.array(text),
});

/** What a CA says about itself: who makes it, in which mode it runs, and which features it claims. */
export interface Declaration {
  readonly implementation: z.infer<typeof implementationSchema>;
  /** One word for how it is set up, where one CA has several results; `default` otherwise. */
  readonly mode: string;
  readonly features: readonly CaFeature[];
}

const noun = 'declaration';

/** Reads the declaration of a CA (YAML or JSON). @throws UserError (2) in one sentence */
export async function readDeclaration(file: string): Promise<Declaration> {
  const { data, error } = declarationSchema.safeParse((await readYaml(noun, file)) ?? {});
  if (data === undefined) {
    throw new UserError(`Invalid ${noun} ${file}: ${schemaProblem(error).replace(/^(must|has) /, 'it $1 ')}.`);
  }
  const features = data.features.map((name) => {
    const known = caFeatureNames.find((one) => one === name);
    if (known !== undefined) return known;
    throw new UserError(
      `Invalid ${noun} ${file}: there is no feature "${name}". Features: ${caFeatureNames.join(', ')}.`,
    );
  });
  return { ...data, features: [...new Set(features)] };
}
