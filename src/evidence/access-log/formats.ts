import { compileEnvoyFormat } from './envoy-format.ts';
import { flatJson, flattened, textOfJson } from './json-lines.ts';
import { type AccessLogFormat, type LogField, type LoggedFields, neededFields } from './log-field.ts';
import { isoTime } from './start-time.ts';

/** A format of text lines, from an Envoy format string. */
export function textFormat(title: string, format: string): AccessLogFormat {
  const { fields, read } = compileEnvoyFormat(format);
  return {
    title,
    fields,
    read(line) {
      const found = read(line);
      return found === null ? null : Object.fromEntries(found);
    },
  };
}

/** A format of JSON lines, from its keys and the Envoy format string of each. Keys may be nested. */
export function jsonFormat(title: string, labels: Readonly<Record<string, unknown>>): AccessLogFormat {
  const keys = [...flattened(labels)].flatMap(([key, format]) =>
    typeof format === 'string' ? [{ key, format: compileEnvoyFormat(format) }] : [],
  );
  const useful = keys.filter(({ format }) => format.fields.size > 0);
  return {
    title,
    fields: new Set(useful.flatMap(({ format }) => [...format.fields])),
    read(line) {
      const object = flatJson(line);
      if (object === null || !useful.some(({ key }) => object.has(key))) return null;
      const found = new Map<LogField, string>();
      for (const { key, format } of useful) {
        const text = textOfJson(object.get(key));
        for (const [field, value] of (text === null ? null : format.read(text)) ?? []) {
          if (!found.has(field)) found.set(field, value);
        }
      }
      return Object.fromEntries(found);
    },
  };
}

/** A format of JSON lines, from the key of each field. */
export function fieldsFormat(title: string, keys: { readonly [Field in LogField]?: string }): AccessLogFormat {
  return aliasFormat(
    title,
    Object.fromEntries(Object.entries(keys).map(([field, key]) => [field, key === undefined ? [] : [key]])),
    (key) => key,
  );
}

/** Istio's default text format (pilot/pkg/model/telemetry_logging.go, EnvoyTextLogFormat). */
export const istioTextFormat = [
  '[%START_TIME%] "%REQ(:METHOD)% %REQ(X-ENVOY-ORIGINAL-PATH?:PATH)% %PROTOCOL%" %RESPONSE_CODE% %RESPONSE_FLAGS%',
  '%RESPONSE_CODE_DETAILS% %CONNECTION_TERMINATION_DETAILS% "%UPSTREAM_TRANSPORT_FAILURE_REASON%" %BYTES_RECEIVED%',
  '%BYTES_SENT% %DURATION% %RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)% "%REQ(X-FORWARDED-FOR)%" "%REQ(USER-AGENT)%"',
  '"%REQ(X-REQUEST-ID)%" "%REQ(:AUTHORITY)%" "%UPSTREAM_HOST%" %UPSTREAM_CLUSTER_RAW% %UPSTREAM_LOCAL_ADDRESS%',
  '%DOWNSTREAM_LOCAL_ADDRESS% %DOWNSTREAM_REMOTE_ADDRESS% %REQUESTED_SERVER_NAME% %ROUTE_NAME%',
].join(' ');

/** Istio's default JSON format (pilot/pkg/model/telemetry_logging.go, EnvoyJSONLogFormatIstio), as far as evidence keeps it. */
const istioJson = {
  start_time: '%START_TIME%',
  route_name: '%ROUTE_NAME%',
  method: '%REQ(:METHOD)%',
  path: '%REQ(X-ENVOY-ORIGINAL-PATH?:PATH)%',
  response_code: '%RESPONSE_CODE%',
  response_flags: '%RESPONSE_FLAGS%',
  response_code_details: '%RESPONSE_CODE_DETAILS%',
  duration: '%DURATION%',
  user_agent: '%REQ(USER-AGENT)%',
  authority: '%REQ(:AUTHORITY)%',
  upstream_host: '%UPSTREAM_HOST%',
  upstream_cluster: '%UPSTREAM_CLUSTER_RAW%',
  downstream_remote_address: '%DOWNSTREAM_REMOTE_ADDRESS%',
} as const;

/** The gateways of Alibaba Cloud Service Mesh: other key, values are strings, no response_code_details. */
const { authority: host, response_code_details: _, ...shared } = istioJson;
const asmJson = { ...shared, authority_for: host };

/** Formats by the names that an option accepts. */
export const presets: Readonly<Record<string, AccessLogFormat>> = {
  istio: jsonFormat('the preset istio', istioJson),
  'istio-text': textFormat('the preset istio-text', istioTextFormat),
  asm: jsonFormat('the preset asm', asmJson),
};

/** What owners of meshes call the fields of a JSON access log, in snake case. The first that a line has counts. */
const aliases: { readonly [Field in LogField]: readonly string[] } = {
  time: ['start_time', 'timestamp', '@timestamp', 'time', 'ts', 'datetime', 'date'],
  method: ['method', 'request_method', 'http_method', 'req_method', 'verb'],
  path: ['path', 'request_path', 'uri', 'request_uri', 'http_path', 'original_path', 'x_envoy_original_path', 'url'],
  status: ['response_code', 'status', 'status_code', 'http_status', 'response_status', 'http_status_code', 'code'],
  host: ['authority', 'authority_for', 'host', 'http_host', 'request_host', 'request_authority', 'domain', 'vhost'],
  userAgent: ['user_agent', 'http_user_agent', 'useragent', 'request_user_agent', 'agent', 'ua'],
  upstreamCluster: ['upstream_cluster', 'upstream_cluster_raw', 'upstream_cluster_name', 'cluster'],
  upstreamHost: ['upstream_host', 'upstream_address', 'upstream_addr', 'upstream'],
  responseFlags: ['response_flags', 'flags'],
  responseCodeDetails: ['response_code_details', 'code_details'],
  routeName: ['route_name', 'route'],
  remoteAddress: ['downstream_remote_address', 'remote_address', 'remote_addr', 'client_ip', 'source_address'],
  duration: ['duration', 'duration_ms'],
};

/** JSON lines whose keys are known by their usual names. */
export const usualJson: AccessLogFormat = aliasFormat('JSON with usual keys', aliases, (key) =>
  key
    .replace(/([a-z\d])([A-Z])/g, '$1_$2')
    .replace(/[-.]/g, '_')
    .toLowerCase(),
);

/** The formats that are tried if the mesh's own is unknown. */
export const usualFormats: readonly AccessLogFormat[] = [presets['istio-text'], usualJson].filter(
  (format) => format !== undefined,
);

function aliasFormat(
  title: string,
  keysOf: { readonly [Field in LogField]?: readonly string[] },
  nameOf: (key: string) => string,
): AccessLogFormat {
  const known = Object.entries(keysOf) as [LogField, readonly string[]][];
  return {
    title,
    fields: new Set(known.filter(([, keys]) => keys.length > 0).map(([field]) => field)),
    read(line) {
      const object = flatJson(line);
      if (object === null) return null;
      const byName = new Map([...object].map(([key, value]) => [nameOf(key), value]));
      const values = known.flatMap(([field, keys]) => {
        const texts = keys.map((key) => textOfJson(byName.get(key)));
        const text = texts.find((each) => each !== null);
        const value = text === undefined || text === null ? null : field === 'time' ? isoTime(text) : text;
        return value === null ? [] : [[field, value] as const];
      });
      const fields: LoggedFields = Object.fromEntries(values);
      return neededFields.some((field) => fields[field] !== undefined) ? fields : null;
    },
  };
}
