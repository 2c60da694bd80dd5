import { z } from 'zod';
import { fieldsFormat, jsonFormat, presets, textFormat } from './formats.ts';
import { type AccessLogFormat, type LogField, logFields, neededFields } from './log-field.ts';

/**
 * The format that a user gives: a preset, an Envoy format string of text lines, or a JSON object of them.
 *
 * @throws Error with the expected format
 */
export function parseGivenFormat(given: string): AccessLogFormat {
  const preset = Object.hasOwn(presets, given) ? presets[given] : undefined;
  if (preset !== undefined) return preset;
  const known = Object.keys(presets).join(', ');
  if (!given.includes('%')) throw new Error(`Expected ${known}, or an Envoy format string such as %REQ(:PATH)%.`);
  const format = given.trimStart().startsWith('{') ? json(given) : textFormat('--access-log-format', given);
  const missing = neededFields.filter((field) => !format.fields.has(field));
  if (missing.length === 0) return format;
  throw new Error(
    `The format lacks ${missing.map((field) => operatorOf[field] ?? field).join(' and ')}, without which a line does not show who was asked for what.`,
  );
}

const operatorOf: { readonly [Field in LogField]?: string } = {
  path: '%REQ(:PATH)%',
  status: '%RESPONSE_CODE%',
  host: '%REQ(:AUTHORITY)%',
};

function json(given: string): AccessLogFormat {
  try {
    return jsonFormat('--access-log-format', z.record(z.string(), z.unknown()).parse(JSON.parse(given)));
  } catch (cause) {
    throw new Error('Expected a JSON object of Envoy format strings by their keys.', { cause });
  }
}

/**
 * A format of JSON lines by its keys, each given as `field=key`, e.g. `host=authority_for`.
 *
 * @throws Error with the expected format
 */
export function parseGivenFields(given: readonly string[]): AccessLogFormat {
  const pairs = given.map((each) => {
    const [, field = '', key = ''] = /^([A-Za-z]+)=(.+)$/.exec(each) ?? [];
    const known = logFields.find((name) => name === field);
    if (known === undefined) {
      throw new Error(`'${each}' is not field=key. Known fields: ${logFields.join(', ')}.`);
    }
    return [known, key] as const;
  });
  const keys: { readonly [Field in LogField]?: string } = Object.fromEntries(pairs);
  const missing = neededFields.filter((field) => keys[field] === undefined);
  if (missing.length > 0) throw new Error(`The keys of ${missing.join(', ')} are missing, e.g. ${missing[0]}=KEY.`);
  return fieldsFormat('--access-log-field', keys);
}
