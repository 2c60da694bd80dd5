import { readFile } from 'node:fs/promises';
import { LineCounter, parseAllDocuments } from 'yaml';
import { fileErrorReason } from '../file-error.ts';
import { UserError } from '../user-error.ts';
import { yamlValue } from '../yaml-value.ts';
import { describeCause } from './kube-error.ts';
import type { KubeObject } from './kube-object.ts';

/** Values of the `${name}` placeholders of a manifest. */
export type PlaceholderValues = Readonly<Record<string, string | number>>;

/** Where objects that were read from files are written. */
const places = new WeakMap<KubeObject, string>();

/** Where an object is written, `file:line`; undefined if it was not read from a manifest. */
export function placeInManifest(object: KubeObject): string | undefined {
  return places.get(object);
}

/**
 * The objects of a manifest file, which may be YAML with any number of documents, or JSON (`.json`), and may hold
 * Lists. With values, each `${name}` in the text is replaced; without, the text is taken as it is.
 *
 * @throws UserError that names the file and, where it can, the line
 */
export async function readManifest(file: string, values?: PlaceholderValues): Promise<KubeObject[]> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw new UserError(`Cannot read the manifest ${file}: ${fileErrorReason(error)}.`, { cause: error });
  }
  return parseManifest(text, file, values);
}

/** Like {@link readManifest}, for a text. The file name is for messages and decides between JSON and YAML. */
export function parseManifest(text: string, file: string, values?: PlaceholderValues): KubeObject[] {
  const filled = values === undefined ? text : fillPlaceholders(text, file, values);
  const documents = file.endsWith('.json') ? [{ value: parseJson(filled, file), line: 1 }] : parseYaml(filled, file);
  return documents.flatMap(({ value, line }) => {
    const objects = objectsIn(value, file);
    for (const object of objects) places.set(object, `${file}:${line}`);
    return objects;
  });
}

/** A document of a manifest and the line where it begins. */
interface ManifestDocument {
  readonly value: unknown;
  readonly line: number;
}

function fillPlaceholders(text: string, file: string, values: PlaceholderValues): string {
  return text.replace(/\$\{([^}\n]*)\}/g, (placeholder, name: string, offset: number) => {
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    const where = () => `line ${text.slice(0, offset).split('\n').length} of ${file}`;
    if (value === undefined) {
      const known = Object.keys(values).sort().join(', ') || 'none';
      throw new UserError(`The placeholder ${placeholder} in ${where()} has no value. Known placeholders: ${known}.`);
    }
    if (typeof value === 'string' && /[\r\n]/.test(value)) {
      throw new UserError(`The value of ${placeholder} in ${where()} has several lines, which would break the YAML.`);
    }
    return String(value);
  });
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UserError(`The manifest ${file} is not valid JSON: ${describeCause(error)}.`, { cause: error });
  }
}

function parseYaml(text: string, file: string): ManifestDocument[] {
  const lines = new LineCounter();
  // Kubernetes reads YAML 1.1 (0644 is octal, `on` is true), but knows no sexagesimal numbers and no timestamps.
  const documents = parseAllDocuments(text, {
    schema: 'yaml-1.1',
    customTags: (tags) =>
      tags.filter(
        (tag) => typeof tag === 'string' || (tag.tag !== 'tag:yaml.org,2002:timestamp' && formatOf(tag) !== 'TIME'),
      ),
    lineCounter: lines,
    prettyErrors: false,
  });
  if (!Array.isArray(documents)) return [];
  return documents.flatMap((document) => {
    const [error] = document.errors;
    if (error !== undefined) {
      const { line } = lines.linePos(error.pos[0]);
      throw new UserError(`The manifest ${file} is not valid YAML: ${error.message} (line ${line}).`, { cause: error });
    }
    const value = yamlValue(document, `The manifest ${file}`);
    const line = lines.linePos(document.contents?.range?.[0] ?? 0).line;
    return value === null || value === undefined ? [] : [{ value, line }];
  });
}

function formatOf(tag: object): unknown {
  return 'format' in tag ? tag.format : undefined;
}

function objectsIn(document: unknown, file: string): KubeObject[] {
  if (isList(document)) return document.items.flatMap((item) => objectsIn(item, file));
  if (isObject(document)) return [document];
  const shown = JSON.stringify(document).slice(0, 80);
  throw new UserError(`The manifest ${file} contains a document without apiVersion, kind or metadata.name: ${shown}.`);
}

function isList(value: unknown): value is { items: unknown[] } {
  return (
    typeof value === 'object' &&
    value !== null &&
    'kind' in value &&
    typeof value.kind === 'string' &&
    value.kind.endsWith('List') &&
    'items' in value &&
    Array.isArray(value.items)
  );
}

function isObject(value: unknown): value is KubeObject {
  if (typeof value !== 'object' || value === null) return false;
  const { apiVersion, kind, metadata } = value as Record<string, unknown>;
  return (
    typeof apiVersion === 'string' &&
    typeof kind === 'string' &&
    typeof metadata === 'object' &&
    metadata !== null &&
    'name' in metadata &&
    typeof metadata.name === 'string'
  );
}
