import { type PublishedSchema, published } from '../report/json-schema.ts';
import { loadReportSchema, loadSchemaVersion } from './load-report.ts';

/** The JSON Schema of load.json. */
export function publishedLoad(): PublishedSchema {
  return published('load', loadSchemaVersion, 'Load of certificates, as measured by Padlock', loadReportSchema);
}
