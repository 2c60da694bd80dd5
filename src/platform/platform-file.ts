import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Where the manifests and values of what every environment gets installed are. */
export const platformFiles = join(import.meta.dirname, '..', '..', 'fixtures', 'platform');

/** A file of values with its placeholders filled in. @throws if one has no value */
export async function platformFile(file: string, values: Readonly<Record<string, string>>): Promise<string> {
  const text = await readFile(join(platformFiles, file), 'utf8');
  return text.replace(/\$\{(\w+)\}/g, (placeholder, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`${placeholder} in ${file} has no value`);
    return value;
  });
}
