import { type PublishedSchema, published } from '../report/json-schema.ts';
import { runEventSchema, runEventSchemaVersion } from './run-event.ts';

/** The JSON Schema of one line of `--json-lines`. */
export function publishedRunEvents(): PublishedSchema {
  return published('run-event', runEventSchemaVersion, 'A line of --json-lines of Padlock', runEventSchema);
}
