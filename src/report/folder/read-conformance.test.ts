import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { exampleConformance } from '../../acme/testing/example-conformance.ts';
import { exampleReport } from '../testing/example-report.ts';
import { readConformance } from './read-conformance.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'padlock-conformance-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

async function put(document: unknown): Promise<string> {
  const file = join(folder, 'conformance.json');
  await writeFile(file, JSON.stringify(document));
  return file;
}

test('a report is read by its folder or its file, also one of version 2', async () => {
  const old = { ...exampleConformance(), schemaVersion: 2 };
  const file = await put(old);
  expect(await readConformance(file)).toEqual(old);
  expect(await readConformance(folder)).toEqual(old);
});

test('a report of padlock run and another version are refused in one sentence', async () => {
  await put(exampleReport());
  await expect(readConformance(folder)).rejects.toThrow(
    /is a report of padlock run; compare it with 'padlock compare'\.$/,
  );
  await put({ ...exampleConformance(), schemaVersion: 9 });
  await expect(readConformance(folder)).rejects.toThrow(/has schema version 9, but this Padlock reads 2 and 3\./);
});
