import { parse } from 'yaml';
import { z } from 'zod';
import { istioTextFormat, jsonFormat, presets, textFormat } from './formats.ts';
import { type AccessLogFormat, neededFields } from './log-field.ts';

/** Where a gateway's access log goes, by the configuration of its mesh. */
export interface MeshAccessLog {
  /** `unknown`: the configuration could not be read. Only a log on `stdout` can be read through the API server. */
  readonly state: 'stdout' | 'elsewhere' | 'off' | 'unknown';
  /** What the configuration says, for messages; without a full stop. */
  readonly detail: string;
  /** The formats that lines on stdout can have. */
  readonly formats: readonly AccessLogFormat[];
}

/** The objects that decide about access logs, as the API server has them. */
export interface MeshObjects {
  /** The key `mesh` of istiod's ConfigMap; null if it could not be read. */
  readonly mesh: string | null;
  readonly telemetries: readonly unknown[];
  readonly envoyFilters: readonly unknown[];
}

/** The gateway, and the namespace whose Telemetry and EnvoyFilter objects count for the whole mesh. */
export interface GatewayOfLog {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly rootNamespace: string;
}

const text = z.string().catch('');
const record = z.record(z.string(), z.unknown());
const labelsSchema = z.record(z.string(), z.string()).catch({});

const fileLogSchema = z.object({
  path: z.string().catch('/dev/stdout'),
  logFormat: z.object({ text: z.string().optional(), labels: record.optional() }).optional().catch(undefined),
});

const meshSchema = z.object({
  accessLogFile: text,
  accessLogFormat: text,
  accessLogEncoding: text,
  rootNamespace: text,
  extensionProviders: z
    .array(z.object({ name: z.string(), envoyFileAccessLog: fileLogSchema.optional() }).loose())
    .catch([]),
  defaultProviders: z.object({ accessLogging: z.array(z.string()).catch([]) }).catch({ accessLogging: [] }),
});

const telemetrySchema = z.object({
  metadata: z.object({ name: z.string(), namespace: text }),
  spec: z
    .object({
      selector: z.object({ matchLabels: labelsSchema }).optional().catch(undefined),
      accessLogging: z
        .array(
          z.object({
            providers: z.array(z.object({ name: z.string() })).catch([]),
            disabled: z.boolean().catch(false),
            filter: z.object({ expression: z.string() }).optional().catch(undefined),
          }),
        )
        .optional()
        .catch(undefined),
    })
    .catch({}),
});

const envoyFilterSchema = z.object({
  metadata: z.object({ name: z.string(), namespace: text }),
  spec: z.looseObject({ workloadSelector: z.object({ labels: labelsSchema }).optional().catch(undefined) }).catch({}),
});

type Mesh = z.infer<typeof meshSchema>;

/** One place that a log is sent to. */
interface Sink {
  readonly to: 'stdout' | 'elsewhere';
  readonly detail: string;
  readonly format: AccessLogFormat | null;
}

/**
 * Finds out whether a gateway's access log goes to stdout, and in which formats, from meshConfig, Telemetry and EnvoyFilter
 * objects (Istio's documentation, "Envoy Access Logs", "Telemetry API", "EnvoyFilter"). The most specific Telemetry counts.
 */
export function meshAccessLog(
  { mesh: yaml, telemetries, envoyFilters }: MeshObjects,
  gateway: GatewayOfLog,
): MeshAccessLog {
  const mesh = yaml === null ? null : meshOf(yaml);
  const { sinks, detail } = sinksOf(mesh, telemetries, gateway);
  const all = [...(sinks ?? []), ...filterSinks(envoyFilters, gateway)];
  const onStdout = all.filter(({ to }) => to === 'stdout');
  const formats = onStdout.flatMap(({ format }) => format ?? []);
  if (onStdout.length > 0) return { state: 'stdout', detail: onStdout.map((each) => each.detail).join('; '), formats };
  const [elsewhere] = all;
  if (elsewhere !== undefined) return { state: 'elsewhere', detail: elsewhere.detail, formats };
  return { state: sinks === null ? 'unknown' : 'off', detail, formats };
}

/** The needed fields that no format on stdout has. Empty if no format is known. */
export function missingFields({ formats }: MeshAccessLog): readonly string[] {
  if (formats.length === 0) return [];
  return neededFields.filter((field) => !formats.some((format) => format.fields.has(field)));
}

function meshOf(yaml: string): Mesh | null {
  try {
    return meshSchema.safeParse(parse(yaml) ?? {}).data ?? null;
  } catch {
    return null;
  }
}

function sinksOf(
  mesh: Mesh | null,
  telemetries: readonly unknown[],
  gateway: GatewayOfLog,
): { sinks: readonly Sink[] | null; detail: string } {
  const ranked = telemetries
    .flatMap((each) => telemetrySchema.safeParse(each).data ?? [])
    .filter(({ spec }) => spec.accessLogging !== undefined)
    .map((telemetry) => ({ telemetry, rank: rankOf(telemetry, gateway) }))
    .filter(({ rank }) => rank > 0)
    .toSorted((a, b) => b.rank - a.rank);
  const [best] = ranked;
  if (best !== undefined) {
    const { metadata, spec } = best.telemetry;
    const named = `Telemetry ${metadata.namespace}/${metadata.name}`;
    const on = (spec.accessLogging ?? []).filter(({ disabled }) => !disabled);
    if (on.length === 0) return { sinks: [], detail: `${named} disables it` };
    const names = on.flatMap(({ providers }) =>
      providers.length > 0 ? providers.map(({ name }) => name) : (mesh?.defaultProviders.accessLogging ?? ['envoy']),
    );
    return { sinks: names.map((name) => providerSink(name, mesh, named)), detail: named };
  }
  if (mesh === null) return { sinks: null, detail: 'the mesh configuration could not be read' };
  if (mesh.defaultProviders.accessLogging.length > 0) {
    const from = 'meshConfig.defaultProviders.accessLogging';
    return { sinks: mesh.defaultProviders.accessLogging.map((name) => providerSink(name, mesh, from)), detail: from };
  }
  if (mesh.accessLogFile === '') return { sinks: [], detail: 'meshConfig.accessLogFile is empty' };
  return { sinks: [meshSink(mesh, 'meshConfig')], detail: 'meshConfig' };
}

/** 0 for a Telemetry of other workloads. */
function rankOf({ metadata, spec }: z.infer<typeof telemetrySchema>, gateway: GatewayOfLog): number {
  const labels = spec.selector?.matchLabels;
  if (labels !== undefined && metadata.namespace === gateway.namespace) return selects(labels, gateway) ? 3 : 0;
  if (labels !== undefined) return 0;
  if (metadata.namespace === gateway.namespace) return 2;
  return metadata.namespace === gateway.rootNamespace ? 1 : 0;
}

function selects(labels: Readonly<Record<string, string>>, gateway: GatewayOfLog): boolean {
  return Object.entries(labels).every(([name, value]) => gateway.labels[name] === value);
}

function meshSink({ accessLogFile, accessLogFormat, accessLogEncoding }: Mesh, from: string): Sink {
  const path = accessLogFile === '' ? '/dev/stdout' : accessLogFile;
  const title = `${from} (accessLogFormat)`;
  const isJson = accessLogEncoding.toUpperCase() === 'JSON';
  const json = isJson && accessLogFormat !== '' ? jsonOf(accessLogFormat) : null;
  const format = isJson
    ? json === null
      ? presets.istio
      : jsonFormat(title, json)
    : accessLogFormat === ''
      ? presets['istio-text']
      : textFormat(title, accessLogFormat);
  return fileSink(path, from, format ?? null);
}

function providerSink(name: string, mesh: Mesh | null, from: string): Sink {
  const provider = mesh?.extensionProviders.find((each) => each.name === name);
  if (provider === undefined) {
    if (name === 'envoy') {
      return mesh === null ? { to: 'stdout', detail: `${from}, provider envoy`, format: null } : meshSink(mesh, from);
    }
    return { to: 'elsewhere', detail: `${from} sends it to the provider ${name}`, format: null };
  }
  const { envoyFileAccessLog: file } = provider;
  if (file === undefined) {
    const kind = Object.keys(provider).find((key) => key !== 'name') ?? 'an unknown kind';
    return { to: 'elsewhere', detail: `${from} sends it to the provider ${name} (${kind})`, format: null };
  }
  const title = `the provider ${name}`;
  const { text: format, labels } = file.logFormat ?? {};
  if (labels !== undefined) return fileSink(file.path, `${from}, ${title}`, jsonFormat(title, labels));
  return fileSink(file.path, `${from}, ${title}`, textFormat(title, format || istioTextFormat));
}

function fileSink(path: string, from: string, format: AccessLogFormat | null): Sink {
  if (path === '/dev/stdout' || path === '/dev/stderr') return { to: 'stdout', detail: from, format };
  return { to: 'elsewhere', detail: `${from} writes it to the file ${path} in the gateway's Pods`, format };
}

const fileLogger = 'envoy.extensions.access_loggers.file.v3.FileAccessLog';

/** The file access loggers that EnvoyFilters for the gateway add. */
function filterSinks(envoyFilters: readonly unknown[], gateway: GatewayOfLog): readonly Sink[] {
  return envoyFilters
    .flatMap((each) => envoyFilterSchema.safeParse(each).data ?? [])
    .filter(({ metadata, spec }) => {
      const isNear = [gateway.namespace, gateway.rootNamespace].includes(metadata.namespace);
      return isNear && (spec.workloadSelector === undefined || selects(spec.workloadSelector.labels, gateway));
    })
    .flatMap(({ metadata, spec }) =>
      fileLoggersIn(spec).map((logger) => {
        const title = `EnvoyFilter ${metadata.namespace}/${metadata.name}`;
        return fileSink(text.parse(logger.path), title, formatOf(logger, title));
      }),
    );
}

function fileLoggersIn(value: unknown, depth = 0): readonly Readonly<Record<string, unknown>>[] {
  if (depth > 12) return [];
  if (Array.isArray(value)) return value.flatMap((each) => fileLoggersIn(each, depth + 1));
  const object = record.safeParse(value).data;
  if (object === undefined) return [];
  const type = object['@type'];
  if (typeof type === 'string' && type.endsWith(fileLogger)) return [object];
  return Object.values(object).flatMap((each) => fileLoggersIn(each, depth + 1));
}

/** The format of Envoy's FileAccessLog, in the current form of its API and in the one before it. */
function formatOf(logger: Readonly<Record<string, unknown>>, title: string): AccessLogFormat | null {
  const format = record.safeParse(logger.log_format ?? logger.logFormat).data ?? {};
  const source = record.safeParse(format.text_format_source ?? format.textFormatSource).data ?? {};
  const asText = [source.inline_string, source.inlineString, format.text_format, format.textFormat, logger.format].find(
    (each) => typeof each === 'string',
  );
  const asJson = [format.json_format, format.jsonFormat, logger.json_format, logger.typed_json_format].find(
    (each) => record.safeParse(each).success,
  );
  if (asJson !== undefined) return jsonFormat(title, record.parse(asJson));
  return typeof asText === 'string' ? textFormat(title, asText) : null;
}

function jsonOf(format: string): Readonly<Record<string, unknown>> | null {
  try {
    return record.safeParse(JSON.parse(format)).data ?? null;
  } catch {
    return null;
  }
}
