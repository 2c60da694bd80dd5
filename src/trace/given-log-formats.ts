import { messageOf } from '../error-message.ts';
import { parseGivenFields, parseGivenFormat } from '../evidence/access-log/given-format.ts';
import type { AccessLogFormat } from '../evidence/access-log/log-field.ts';
import { UserError } from '../user-error.ts';

/** The options of a trace for the gateway's access log, as given. */
export interface GivenLogFormats {
  /** A preset or an Envoy format string. */
  readonly accessLogFormat?: string | undefined;
  /** The keys of a JSON log, as field=key. */
  readonly accessLogField?: readonly string[] | undefined;
}

/** The formats that a user gave. @throws UserError (2) for a format or keys without what is needed of a line */
export function givenLogFormats({ accessLogFormat, accessLogField }: GivenLogFormats): readonly AccessLogFormat[] {
  return [
    ...(accessLogFormat === undefined ? [] : [parsed('--access-log-format', () => parseGivenFormat(accessLogFormat))]),
    ...(accessLogField === undefined ? [] : [parsed('--access-log-field', () => parseGivenFields(accessLogField))]),
  ];
}

function parsed<Value>(option: string, parse: () => Value): Value {
  try {
    return parse();
  } catch (error) {
    throw new UserError(`Invalid ${option}: ${messageOf(error)}`, { cause: error });
  }
}
