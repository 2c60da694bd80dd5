import { z } from 'zod';
import { evidenceSchema, evidenceSchemaVersion } from '../evidence/evidence.ts';
import { matrixReportSchema, matrixSchemaVersion } from './matrix-report.ts';
import { reportSchema, reportSchemaVersion } from './report.ts';

/** A published JSON Schema and the name of its file in `reports/schema/`. */
export interface PublishedSchema {
  readonly file: string;
  readonly schema: Readonly<Record<string, unknown>>;
}

/**
 * The JSON Schemas (draft 2020-12) of what Padlock writes, generated from the zod schemas that it validates with. What
 * only code can say, such as that the result follows from the scenarios, is in the descriptions.
 */
export function publishedSchemas(): readonly PublishedSchema[] {
  return [
    published('report', reportSchemaVersion, 'Report of Padlock', reportSchema),
    published('matrix', matrixSchemaVersion, 'Matrix of runs of Padlock', matrixReportSchema),
    published('evidence', evidenceSchemaVersion, 'Evidence of one scenario of Padlock', evidenceSchema),
  ];
}

/** A schema as it is published. */
export function published(name: string, version: number, title: string, source: z.ZodType): PublishedSchema {
  const { $schema, ...rest } = z.toJSONSchema(source, { target: 'draft-2020-12' });
  return { file: `${name}.schema.json`, schema: { $schema, $id: `urn:padlock:${name}:${version}`, title, ...rest } };
}
