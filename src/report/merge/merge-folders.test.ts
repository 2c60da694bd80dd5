import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { goodEvidence } from '../../checks/testing/evidence-fixture.ts';
import { readReport } from '../folder/read-report.ts';
import { writeReports } from '../folder/write-reports.ts';
import { exampleReport, exampleScenario } from '../testing/example-report.ts';
import { mergeFolders } from './merge-folders.ts';

let folder: string;
const at = (...names: string[]) => path.join(folder, ...names);

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'padlock-merge-'));
});

afterEach(() => rm(folder, { recursive: true }));

/** Writes shard `index` of two, with one scenario, its evidence and its picture, and a bundle. */
async function writeShard(index: number): Promise<string> {
  const id = `scenario-${index}`;
  const own = at(`shard-${index}`);
  const recorded = {
    evidence: new Map([[id, await goodEvidence()]]),
    pictures: new Map([[id, Buffer.from(`picture ${index}`)]]),
  };
  const report = exampleReport({
    shard: { index, count: 2 },
    scenarios: [exampleScenario({ id })],
    bundle: 'bundle',
  });
  await writeReports(report, recorded, { folder: own }, {});
  const log = `log of ${index}\n`;
  const sha256 = createHash('sha256').update(log).digest('hex');
  await mkdir(path.join(own, 'bundle', 'one', 'logs'), { recursive: true });
  await writeFile(path.join(own, 'bundle', 'one', 'logs', 'a.log'), log);
  const files = [{ path: 'logs/a.log', bytes: log.length, sha256 }];
  await writeFile(path.join(own, 'bundle', 'one', 'index.json'), JSON.stringify({ files }));
  return own;
}

async function writeShards(): Promise<string[]> {
  return [await writeShard(1), await writeShard(2)];
}

test('puts the folders of two shards into one, in which every path and digest holds', async () => {
  const { report, warnings } = await mergeFolders(await writeShards(), { folder: at('merged') }, {});
  expect(warnings).toEqual([]);
  expect(await readReport(at('merged'))).toEqual(report);
  expect((await readdir(at('merged'), { recursive: true })).sort()).toEqual([
    'bundle',
    'bundle/shard-1',
    'bundle/shard-1/one',
    'bundle/shard-1/one/index.json',
    'bundle/shard-1/one/logs',
    'bundle/shard-1/one/logs/a.log',
    'bundle/shard-2',
    'bundle/shard-2/one',
    'bundle/shard-2/one/index.json',
    'bundle/shard-2/one/logs',
    'bundle/shard-2/one/logs/a.log',
    'evidence',
    'evidence/scenario-1.json',
    'evidence/scenario-1.png',
    'evidence/scenario-2.json',
    'evidence/scenario-2.png',
    'index.html',
    'junit.xml',
    'report.json',
    'summary.md',
  ]);
  for (const { evidence, evidenceSha256, browser } of report.scenarios) {
    for (const [name, sha256] of [
      [evidence, evidenceSha256],
      [browser?.screenshot, browser?.screenshotSha256],
    ]) {
      const bytes = await readFile(at('merged', name ?? ''));
      expect(createHash('sha256').update(bytes).digest('hex')).toBe(sha256);
    }
  }
  expect((await stat(at('merged', 'bundle', 'shard-1', 'one', 'logs', 'a.log'))).mode & 0o777).toBe(0o600);
});

test('makes a new folder below a collecting one', async () => {
  const { folder: own } = await mergeFolders(await writeShards(), { below: at('reports') }, {});
  expect(path.relative(at('reports'), own)).toBe('2026-11-24T09-00-00.000Z');
});

describe('refuses in one sentence, and writes nothing', () => {
  test.each<[string, () => Promise<unknown>, RegExp]>([
    [
      'changed evidence',
      () => writeFile(at('shard-2', 'evidence', 'scenario-2.json'), '{}'),
      /^File \S+scenario-2\.json was changed after the run: its SHA-256 is .*, but its report says .*\.$/,
    ],
    [
      'a changed picture',
      () => writeFile(at('shard-1', 'evidence', 'scenario-1.png'), 'other'),
      /scenario-1\.png was changed after the run/,
    ],
    [
      'evidence that is gone',
      () => rm(at('shard-1', 'evidence', 'scenario-1.json')),
      /^Cannot read \S+scenario-1\.json, which its report names: no such file or folder \(ENOENT\)\.$/,
    ],
    [
      'a changed log in a bundle',
      () => writeFile(at('shard-1', 'bundle', 'one', 'logs', 'a.log'), 'other'),
      /a\.log was changed after the run/,
    ],
    [
      'a file that slipped into a bundle',
      () => writeFile(at('shard-1', 'bundle', 'one', 'more'), ''),
      /^File \S+more is not listed in the bundle's \S+index\.json; remove it\.$/,
    ],
    [
      'a file that is gone from a bundle',
      () => rm(at('shard-1', 'bundle', 'one', 'logs', 'a.log')),
      /^File \S+a\.log is missing, but \S+index\.json lists it\.$/,
    ],
    ['a link in a bundle', () => symlink('/etc', at('shard-1', 'bundle', 'one', 'etc')), /etc is not a regular file/],
    [
      'a bundle that is gone',
      () => rm(at('shard-1', 'bundle'), { recursive: true }),
      /^Cannot read the bundles in \S+: no such file or folder \(ENOENT\)\.$/,
    ],
    [
      'a bundle without a true index',
      () => writeFile(at('shard-1', 'bundle', 'one', 'index.json'), '[]'),
      /index\.json is not the index of a bundle\.$/,
    ],
    ['a cut report', () => writeFile(at('shard-1', 'report.json'), '{'), /report\.json is cut off/],
  ])('%s', async (_, spoil, message) => {
    const folders = await writeShards();
    await spoil();
    await expect(mergeFolders(folders, { folder: at('merged') }, {})).rejects.toMatchObject({
      name: 'UserError',
      exitCode: 2,
      message: expect.stringMatching(message),
    });
    expect(await readdir(folder)).not.toContain('merged');
  });

  test('one of the shards as the destination', async () => {
    const folders = await writeShards();
    await expect(mergeFolders(folders, { folder: at('shard-1', '.') }, {})).rejects.toThrow(
      /is one of the shards; name another folder with --report DIR\.$/,
    );
    expect((await readReport(at('shard-1'))).shard).toEqual({ index: 1, count: 2 });
  });

  test('a destination with a bundle', async () => {
    const folders = await writeShards();
    await mergeFolders(folders, { folder: at('merged') }, {});
    await expect(mergeFolders(folders, { folder: at('merged') }, {})).rejects.toThrow(/already contains a bundle/);
  });
});
