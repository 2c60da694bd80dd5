import { conformanceSchema, conformanceSchemaVersion } from '../acme/runner/conformance.ts';
import { type PublishedSchema, published } from '../report/json-schema.ts';

/** The JSON Schema of conformance.json. */
export function publishedConformance(): PublishedSchema {
  return published(
    'conformance',
    conformanceSchemaVersion,
    'ACME conformance of a CA, as seen by Padlock',
    conformanceSchema,
  );
}
