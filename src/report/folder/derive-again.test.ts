import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { exampleReport } from '../testing/example-report.ts';
import { deriveAgain } from './derive-again.ts';
import { writeReports } from './write-reports.ts';

const derived = ['index.html', 'junit.xml', 'summary.md'];
const picture = Buffer.from('a picture');
let folder: string;
const at = (...names: string[]) => path.join(folder, ...names);

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'padlock-derive-'));
  const recorded = { evidence: new Map(), pictures: new Map([['http01-ingress', picture]]) };
  await writeReports(exampleReport(), recorded, { folder }, {});
});

afterEach(() => rm(folder, { recursive: true }));

async function contents(): Promise<Record<string, string>> {
  const names = (await readdir(folder)).filter((name) => name !== 'evidence');
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await readFile(at(name), 'utf8')] as const)),
  );
}

test.each([
  ['the folder', () => folder],
  ['its report.json', () => at('report.json')],
])('makes what the run had made, byte for byte, from %s', async (_, location) => {
  const before = await contents();
  for (const name of derived) await rm(at(name));
  expect(await deriveAgain(location())).toMatchObject({ folder, warnings: [] });
  expect(await contents()).toEqual(before);
});

test('never touches report.json', async () => {
  const compact = JSON.stringify(JSON.parse(await readFile(at('report.json'), 'utf8')));
  await writeFile(at('report.json'), compact);
  await deriveAgain(folder);
  expect(await readFile(at('report.json'), 'utf8')).toBe(compact);
});

test('leaves out a picture that was changed or is gone, with a warning', async () => {
  await writeFile(at('evidence', 'http01-ingress.png'), 'another');
  const { warnings } = await deriveAgain(folder);
  expect(warnings).toEqual([expect.stringMatching(/http01-ingress\.png was changed after the run/)]);
  expect(await readFile(at('index.html'), 'utf8')).not.toContain(picture.toString('base64'));
  await rm(at('evidence', 'http01-ingress.png'));
  expect((await deriveAgain(folder)).warnings).toEqual([
    expect.stringMatching(/^Cannot read \S+\.png, .*\(ENOENT\)\.$/),
  ]);
});

test('says in one sentence what cannot be written', async () => {
  await rm(at('junit.xml'));
  await mkdir(at('junit.xml'));
  await expect(deriveAgain(folder)).rejects.toMatchObject({
    exitCode: 2,
    message: expect.stringMatching(
      /^Cannot write the report to \S+junit\.xml: it is a folder \(EISDIR\); make it writable, or copy the folder to a writable place\.$/,
    ),
  });
});

test('says in one sentence that there is no report', async () => {
  await expect(deriveAgain(at('none'))).rejects.toMatchObject({
    exitCode: 2,
    message: expect.stringMatching(/^Cannot read report file \S+: no such file or folder \(ENOENT\)\.$/),
  });
});
