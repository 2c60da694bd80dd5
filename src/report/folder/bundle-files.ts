import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { fileErrorReason } from '../../file-error.ts';
import { UserError } from '../../user-error.ts';
import type { DigestedFile } from './verified-file.ts';

const indexName = 'index.json';
const indexSchema = z.looseObject({ files: z.array(z.looseObject({ path: z.string(), sha256: z.string() })) });

/** A file of a bundle by its path below it, with slashes. */
export type BundleFiles = ReadonlyMap<string, DigestedFile>;

/**
 * The files of the bundles of a report, one in a folder each, by their path below all of them; see {@link bundleFiles}.
 *
 * @throws UserError (2) in one sentence
 */
export async function bundlesFiles(folder: string): Promise<BundleFiles> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((cause: unknown) => {
    throw new UserError(`Cannot read the bundles in ${folder}: ${fileErrorReason(cause)}.`, { cause });
  });
  const bundles = await Promise.all(
    entries.map(async ({ name }) =>
      [...(await bundleFiles(path.join(folder, name)))].map(
        ([file, digested]) => [`${name}/${file}`, digested] as const,
      ),
    ),
  );
  return new Map(bundles.flat());
}

/**
 * The files of a diagnostics bundle with the digests of its `index.json`; the index itself has the digest that it has now.
 *
 * @throws UserError (2) in one sentence: no bundle is there, or its index and its files do not agree
 */
export async function bundleFiles(folder: string): Promise<BundleFiles> {
  const index = path.join(folder, indexName);
  const bytes = await readFile(index).catch((cause: unknown) => {
    throw new UserError(`Cannot read the bundle's ${index}: ${fileErrorReason(cause)}.`, { cause });
  });
  const digests = new Map(namedIn(bytes, index));
  digests.set(indexName, createHash('sha256').update(bytes).digest('hex'));
  const present = await filesBelow(folder);
  const missing = [...digests.keys()].find((name) => !present.includes(name));
  if (missing !== undefined)
    throw new UserError(`File ${path.join(folder, missing)} is missing, but ${index} lists it.`);
  const files = new Map<string, DigestedFile>();
  for (const name of present) {
    const sha256 = digests.get(name);
    const file = path.join(folder, name);
    if (sha256 === undefined) throw new UserError(`File ${file} is not listed in the bundle's ${index}; remove it.`);
    files.set(name, { file, sha256 });
  }
  return files;
}

function namedIn(bytes: Buffer, index: string): (readonly [string, string])[] {
  try {
    const { files } = indexSchema.parse(JSON.parse(bytes.toString()));
    return files.map((file) => [file.path, file.sha256] as const);
  } catch (cause) {
    throw new UserError(`File ${index} is not the index of a bundle.`, { cause });
  }
}

/** @throws UserError (2) if an entry is neither a file nor a folder, e.g. a link out of the bundle */
async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const odd = entries.find((entry) => !entry.isFile() && !entry.isDirectory());
  if (odd !== undefined) {
    throw new UserError(
      `${path.join(odd.parentPath, odd.name)} is not a regular file; a bundle contains only regular files.`,
    );
  }
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)).replaceAll(path.sep, '/'));
}
