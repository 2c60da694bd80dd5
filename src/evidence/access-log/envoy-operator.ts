import type { LogField } from './log-field.ts';
import { startTimeReader } from './start-time.ts';

/** A command operator of an Envoy format string, e.g. `%REQ(:PATH)%`. */
export interface EnvoyOperator {
  /** The field of evidence that it gives; null for one that evidence does not keep. */
  readonly field: LogField | null;
  /** Whether a text can be its value. */
  accepts(text: string): boolean;
  /** The field's value of a text; null for a text that is none, such as `-`. */
  value(text: string): string | null;
}

const number = /^(?:\d+|-)$/;
const token = /^\S*$/;
const unquoted = /^[^\s"]*$/;
const anything = /^/;
/** A request target (RFC 9112, section 3.2). */
const target = /^(?:\/|\*$|https?:|-?$)/;

/** Operators without arguments. Envoy's documentation, "Access logging", "Command operators". */
const plainOperators: Readonly<Record<string, readonly [field: LogField | null, shape: RegExp]>> = {
  PROTOCOL: [null, /^(?:HTTP\/[\d.]+|-)$/],
  RESPONSE_CODE: ['status', /^(?:\d{1,3}|-)$/],
  RESPONSE_CODE_DETAILS: ['responseCodeDetails', token],
  RESPONSE_FLAGS: ['responseFlags', unquoted],
  RESPONSE_FLAGS_LONG: ['responseFlags', unquoted],
  DURATION: ['duration', number],
  REQUEST_DURATION: [null, number],
  RESPONSE_DURATION: [null, number],
  BYTES_RECEIVED: [null, number],
  BYTES_SENT: [null, number],
  CONNECTION_TERMINATION_DETAILS: [null, token],
  UPSTREAM_CLUSTER: ['upstreamCluster', unquoted],
  UPSTREAM_CLUSTER_RAW: ['upstreamCluster', unquoted],
  UPSTREAM_HOST: ['upstreamHost', unquoted],
  UPSTREAM_REMOTE_ADDRESS: ['upstreamHost', unquoted],
  UPSTREAM_LOCAL_ADDRESS: [null, unquoted],
  DOWNSTREAM_REMOTE_ADDRESS: ['remoteAddress', unquoted],
  DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT: ['remoteAddress', unquoted],
  DOWNSTREAM_DIRECT_REMOTE_ADDRESS: ['remoteAddress', unquoted],
  DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT: ['remoteAddress', unquoted],
  DOWNSTREAM_LOCAL_ADDRESS: [null, unquoted],
  REQUESTED_SERVER_NAME: [null, unquoted],
  ROUTE_NAME: ['routeName', token],
};

const headers: Readonly<Record<string, readonly [field: LogField, shape: RegExp]>> = {
  ':authority': ['host', unquoted],
  host: ['host', unquoted],
  ':method': ['method', token],
  ':path': ['path', target],
  'x-envoy-original-path': ['path', target],
  'user-agent': ['userAgent', anything],
};

/** The operator of a name and its arguments. Unknown operators are skipped over, whatever their value. */
export function envoyOperator(name: string, argument: string): EnvoyOperator {
  if (name === 'START_TIME') return startTime(argument);
  if (name === 'REQ' || name === 'REQ_WITHOUT_QUERY') return requestHeader(argument);
  if (name === 'PATH') return operator('path', target);
  return operator(...(plainOperators[name] ?? ([null, anything] as const)));
}

/** `X?Y`: the second header if the request has no first one. */
function requestHeader(argument: string): EnvoyOperator {
  const names = argument.toLowerCase().split('?');
  const found = names.map((name) => headers[name.trim()]).find((each) => each !== undefined);
  if (found !== undefined) return operator(...found);
  return operator(null, names.includes('x-request-id') ? unquoted : anything);
}

function startTime(argument: string): EnvoyOperator {
  const read = startTimeReader(argument);
  return { field: 'time', accepts: (text) => read(text) !== null, value: read };
}

function operator(field: LogField | null, shape: RegExp): EnvoyOperator {
  return { field, accepts: (text) => shape.test(text), value: presentText };
}

/** Envoy writes `-` for an absent value. */
export function presentText(text: string): string | null {
  return text === '' || text === '-' ? null : text;
}
