import type { Document } from 'yaml';
import { messageOf } from './error-message.ts';
import { UserError } from './user-error.ts';

/**
 * The value of a YAML document that was parsed without errors. Aliases are resolved only now: one without its anchor, and so many that
 * the value would be huge, are errors here.
 *
 * @param what begins the sentence, e.g. `The manifest a.yaml`
 * @throws UserError (2) in one sentence
 */
export function yamlValue(document: Pick<Document, 'toJS'>, what: string): unknown {
  try {
    return document.toJS();
  } catch (cause) {
    throw new UserError(`${what} is not valid YAML: ${messageOf(cause)}.`, { cause });
  }
}
