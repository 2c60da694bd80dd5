import { createReadStream } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { fileErrorCode, fileErrorReason } from '../file-error.ts';
import type { KubeObject } from '../kube/kube-object.ts';
import { schemaProblem } from '../schema-problem.ts';
import { UserError } from '../user-error.ts';
import { yamlValue } from '../yaml-value.ts';
import { fileName } from './bundle-folder.ts';
import { type BundleIndex, bundleIndexSchema, bundleVersion } from './bundle-index.ts';

const bundledObject = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({ name: z.string(), namespace: z.string().optional() }),
});

/** A bundle that was written by `padlock bundle` or by a run. Its files come from others: only those below its folder are read. */
export class SavedBundle {
  readonly folder: string;
  readonly index: BundleIndex;
  readonly objects: readonly KubeObject[];

  private constructor(folder: string, index: BundleIndex, objects: readonly KubeObject[]) {
    this.folder = folder;
    this.index = index;
    this.objects = objects;
  }

  /** @throws UserError (2) for a folder that is no bundle, or one of another version */
  static async open(folder: string): Promise<SavedBundle> {
    const index = await readIndex(folder);
    return new SavedBundle(folder, index, await readObjects(folder));
  }

  /** The lines of a container's log; null where the bundle has none. */
  log(namespace: string, pod: string, container: string): Promise<AsyncIterable<string> | null> {
    return linesOf(join(this.folder, 'logs', fileName(namespace), fileName(pod), `${fileName(container)}.log`));
  }

  /** The configuration of the Envoy of a gateway Pod, as its admin endpoint `/config_dump` gives it; null where the bundle has none. */
  async configDump(pod: string): Promise<string | null> {
    return await textOf(join(this.folder, 'gateway', fileName(pod), 'config_dump.json'));
  }
}

const versionOnly = z.object({ bundleVersion: z.int() });

async function readIndex(folder: string): Promise<BundleIndex> {
  const file = join(folder, 'index.json');
  const text = await textOf(file);
  if (text === null) throw await noBundle(folder);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new UserError(`${file} of the bundle is not valid JSON.`);
  }
  const version = versionOnly.safeParse(json).data?.bundleVersion;
  if (version !== bundleVersion) {
    const other = version === undefined ? 'an older version' : `version ${version}`;
    throw new UserError(
      `The bundle ${folder} has ${other} of the format, and this Padlock reads version ${bundleVersion}: collect it again with this Padlock, or use the Padlock that wrote it.`,
    );
  }
  const { success, data, error } = bundleIndexSchema.safeParse(json);
  if (success) return data;
  throw new UserError(`${file} of the bundle is damaged: ${schemaProblem(error)}.`);
}

/** @returns the error that says what the folder is instead */
async function noBundle(folder: string): Promise<UserError> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((cause: unknown) => {
    throw new UserError(`Cannot read the bundle ${folder}: ${fileErrorReason(cause)}.`, { cause });
  });
  const inside: string[] = [];
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && (await textOf(join(path, 'index.json'))) !== null) inside.push(path);
  }
  const advice = inside.length === 0 ? '' : ` It contains bundles: ${inside.join(', ')}.`;
  return new UserError(
    `${folder} is neither a bundle (no index.json, as 'padlock bundle' writes it) nor a report with evidence.${advice}`,
  );
}

async function readObjects(folder: string): Promise<readonly KubeObject[]> {
  const root = join(folder, 'objects');
  const entries = await readdir(root, { recursive: true, withFileTypes: true }).catch((error: unknown) => {
    if (fileErrorCode(error) === 'ENOENT') return [];
    throw new UserError(`Cannot read ${root} of the bundle: ${fileErrorReason(error)}.`, { cause: error });
  });
  // Symbolic links are no files here.
  const files = entries.filter((entry) => entry.isFile() && entry.name.endsWith('.yaml'));
  const objects = await Promise.all(files.map(({ parentPath, name }) => objectsIn(join(parentPath, name))));
  return objects.flat();
}

async function objectsIn(file: string): Promise<readonly KubeObject[]> {
  const documents = parseAllDocuments((await textOf(file)) ?? '');
  if (!Array.isArray(documents)) return [];
  return documents.map((document) => {
    const [problem] = document.errors;
    if (problem !== undefined) {
      const line = problem.linePos?.[0].line;
      const where = line === undefined ? file : `${file}, line ${line},`;
      throw new UserError(`${where} of the bundle is not valid YAML: ${problem.message.split('\n')[0]}.`);
    }
    const { success, data, error } = bundledObject.safeParse(yamlValue(document, `${file} of the bundle`));
    if (!success)
      throw new UserError(`${file} of the bundle has something that is no object: ${schemaProblem(error)}.`);
    return data as KubeObject;
  });
}

/** The text of a file; null if it does not exist. @throws UserError (2) if it cannot be read */
async function textOf(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(fileErrorCode(error) ?? '')) return null;
    throw new UserError(`Cannot read ${file} of the bundle: ${fileErrorReason(error)}.`, { cause: error });
  }
}

async function linesOf(file: string): Promise<AsyncIterable<string> | null> {
  const stream = createReadStream(file, 'utf8');
  const opened = Promise.withResolvers<boolean>();
  stream.once('open', () => opened.resolve(true));
  stream.once('error', () => opened.resolve(false));
  return (await opened.promise) ? createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY }) : null;
}
