import { z } from 'zod';
import { UserError } from '../../user-error.ts';
import { type Conformance, conformanceSchema } from './conformance.ts';

/** What is published of a report: everything but the exchanges, which may be large and name accounts. */
export const publishedResultSchema = conformanceSchema.omit({ exchanges: true }).extend({
  reportSha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .describe('The SHA-256 of the conformance.json that it was taken from, which an attestation signs.'),
});

export type PublishedResult = z.infer<typeof publishedResultSchema>;

/** @throws UserError (2) if the report does not say who makes the CA, or is not complete */
export function publishedResultOf(conformance: Conformance, reportSha256: string): PublishedResult {
  const { exchanges: _, ...rest } = conformance;
  const { declaration, error, options } = conformance;
  if (declaration === null || declaration === undefined) {
    throw new UserError('The report does not say who makes the CA: run padlock ca with --declaration.');
  }
  if (error !== null) throw new UserError(`A run that ended early is no result to publish: ${error}`);
  if (options.only.length > 0) {
    throw new UserError(`A run of some sections (--only ${options.only.join(',')}) is no result to publish.`);
  }
  return {
    ...rest,
    checks: rest.checks.map((check) => ({ ...check, exchanges: [] })),
    cleanUp: { ...rest.cleanUp, left: [], exchanges: [] },
    reportSha256,
  };
}

/** The folder of a result: `<server>/<version>/<mode>`, in letters that every file system takes. */
export function folderOfResult({ declaration, options }: Pick<PublishedResult, 'declaration' | 'options'>): string {
  const { implementation, mode = 'default' } = declaration ?? {};
  const parts = [implementation?.project ?? '', implementation?.version ?? '', `${mode}-${options.profile}`];
  return parts
    .map((part) =>
      part
        .toLowerCase()
        .replaceAll(/[^a-z0-9._-]+/g, '-')
        .replaceAll(/^[-.]+|-+$/g, ''),
    )
    .join('/');
}
