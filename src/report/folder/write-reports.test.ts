import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, readlink, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { goodEvidence } from '../../checks/testing/evidence-fixture.ts';
import { reportSchema } from '../report.ts';
import { exampleReport, exampleScenario } from '../testing/example-report.ts';
import { readEvidence } from './read-evidence.ts';
import type { ReportDestination } from './write-report-folder.ts';
import { writeReports } from './write-reports.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'padlock-write-reports-'));
});

afterEach(() => rm(folder, { recursive: true }));

async function written(destination: ReportDestination, variables: Record<string, string> = {}) {
  const evidence = new Map([['http01-ingress', await goodEvidence()]]);
  return writeReports(exampleReport(), { evidence }, destination, variables);
}

describe('into a folder that was named', () => {
  test('writes the report and everything derived from it, and nothing else', async () => {
    const into = path.join(folder, 'a', 'b');
    const { report, warnings } = await written({ folder: into });
    expect((await readdir(into, { recursive: true })).sort()).toEqual([
      'evidence',
      'evidence/http01-ingress.json',
      'index.html',
      'junit.xml',
      'report.json',
      'summary.md',
    ]);
    expect(warnings).toEqual([]);
    expect(reportSchema.parse(JSON.parse(await readFile(path.join(into, 'report.json'), 'utf8')))).toEqual(report);
    expect(await readFile(path.join(into, 'junit.xml'), 'utf8')).toMatch(/^<\?xml version="1.0" encoding="UTF-8"\?>\n/);
    expect(await readFile(path.join(into, 'summary.md'), 'utf8')).toMatch(/^# Padlock: ✅ passed\n/);
  });

  test('the report names the evidence and its digest, and the evidence can be read again', async () => {
    const { report } = await written({ folder });
    const [scenario] = report.scenarios;
    const file = path.join(folder, scenario?.evidence ?? '');
    expect(scenario?.evidenceSha256).toBe(
      createHash('sha256')
        .update(await readFile(file))
        .digest('hex'),
    );
    expect((await readEvidence(file)).scenario.id).toBe('http01-ingress');
  });

  test('a picture is written beside the evidence, named with its digest, and part of the page', async () => {
    const picture = Buffer.from([0x89, 0x50, 0x4e, 0x47]);
    const recorded = { evidence: new Map(), pictures: new Map([['http01-ingress', picture]]) };
    const { report } = await writeReports(exampleReport(), recorded, { folder }, {});
    expect(report.scenarios[0]?.browser).toMatchObject({
      screenshot: 'evidence/http01-ingress.png',
      screenshotSha256: createHash('sha256').update(picture).digest('hex'),
    });
    expect(await readFile(path.join(folder, 'evidence', 'http01-ingress.png'))).toEqual(picture);
    expect(await readFile(path.join(folder, 'index.html'), 'utf8')).toContain(picture.toString('base64'));
  });

  test('a picture of a page that the report says nothing about is left out', async () => {
    const report = exampleReport({ scenarios: [exampleScenario({ browser: null })] });
    const pictures = new Map([['http01-ingress', Buffer.from('png')]]);
    await writeReports(report, { evidence: new Map(), pictures }, { folder }, {});
    expect(await readdir(path.join(folder, 'evidence'))).toEqual([]);
  });

  test('replaces the report of an earlier run', async () => {
    await writeFile(path.join(folder, 'report.json'), 'old');
    await written({ folder });
    expect(await readFile(path.join(folder, 'report.json'), 'utf8')).toMatch(/^\{\n {2}"schemaVersion": 4,/);
  });

  test('leaves no earlier report in place when it breaks off', async () => {
    await writeFile(path.join(folder, 'report.json'), 'old');
    await mkdir(path.join(folder, 'junit.xml'));
    await expect(written({ folder })).rejects.toThrow(/junit\.xml: it is a folder \(EISDIR\)/);
    expect((await readdir(folder)).sort()).toEqual(['evidence', 'junit.xml']);
  });
});

describe('below a collecting folder', () => {
  test('makes a folder named for the start of the run, and a link to it', async () => {
    const { folder: own } = await written({ below: folder });
    expect(path.relative(folder, own)).toBe('2026-11-24T09-00-00.000Z');
    expect(await readlink(path.join(folder, 'latest'))).toBe('2026-11-24T09-00-00.000Z');
  });

  test('two runs that started together get a folder each, and the link is one of them', async () => {
    const folders = (await Promise.all([written({ below: folder }), written({ below: folder })])).map(
      (reports) => reports.folder,
    );
    expect(new Set(folders).size).toBe(2);
    expect(folders.map((own) => path.basename(own))).toContain(await readlink(path.join(folder, 'latest')));
    expect((await readdir(folder)).length).toBe(3);
  });

  test('a folder in the place of the link is left alone, with a warning', async () => {
    await mkdir(path.join(folder, 'latest'));
    const { warnings } = await written({ below: folder });
    expect(warnings).toEqual([
      expect.stringMatching(/^The link .*latest still points to an earlier report: .*\(EISDIR\)\.$/),
    ]);
    expect((await readdir(folder)).sort()).toEqual(['2026-11-24T09-00-00.000Z', 'latest']);
  });
});

describe('the step summary of GitHub', () => {
  test('is appended to', async () => {
    const file = path.join(folder, 'step');
    await writeFile(file, 'before\n');
    await written({ folder }, { GITHUB_STEP_SUMMARY: file });
    expect(await readFile(file, 'utf8')).toMatch(/^before\n# Padlock: ✅ passed\n/);
  });

  test('cannot fail the report', async () => {
    const { warnings } = await written({ folder }, { GITHUB_STEP_SUMMARY: path.join(folder, 'no', 'step') });
    expect(warnings).toEqual([expect.stringMatching(/^Cannot append the summary to .*\(ENOENT\)\.$/)]);
  });

  test('reports a full disk', async () => {
    const { warnings } = await written({ folder }, { GITHUB_STEP_SUMMARY: '/dev/full' });
    expect(warnings).toEqual([expect.stringMatching(/: no space is left \(ENOSPC\)\.$/)]);
  });
});

test.each([[(into: string) => ({ folder: into })], [(into: string) => ({ below: into })]])(
  'a folder that cannot be written gives one sentence',
  async (destination) => {
    const file = path.join(folder, 'file');
    await writeFile(file, '');
    await expect(written(destination(path.join(file, 'reports')))).rejects.toMatchObject({
      name: 'UserError',
      exitCode: 2,
      message: expect.stringMatching(
        /^Cannot write the report to [^\n]+: a part of the path is not a folder \(ENOTDIR\); name another folder with --report DIR\.$/,
      ),
    });
  },
);

test('evidence of a scenario that the report does not have is a defect', async () => {
  const evidence = new Map([['other', await goodEvidence()]]);
  await expect(writeReports(exampleReport(), { evidence }, { folder }, {})).rejects.toThrow(/evidence of other/);
});

test('a picture of a scenario that the report does not have is a defect', async () => {
  const pictures = new Map([['other', Buffer.from('png')]]);
  await expect(writeReports(exampleReport(), { evidence: new Map(), pictures }, { folder }, {})).rejects.toThrow(
    /a picture of other/,
  );
});

test('a report that does not follow the schema is a defect, and nothing is written', async () => {
  const report = exampleReport({ scenarios: [exampleScenario({ id: '../../escape' })] });
  await expect(writeReports(report, { evidence: new Map() }, { folder }, {})).rejects.toThrow(
    /^Padlock wrote a report that does not match its own schema: at scenarios\.0\.id, /,
  );
  expect(await readdir(folder)).toEqual([]);
});

test('evidence that does not follow its schema is kept, but the report says so', async () => {
  const evidence = await goodEvidence();
  evidence.subject.application.port = 1.5;
  const { report } = await writeReports(
    exampleReport(),
    { evidence: new Map([['http01-ingress', evidence]]) },
    { folder },
    {},
  );
  expect(report.problems).toEqual([
    expect.stringMatching(/^The evidence of http01-ingress does not match its schema at subject\.application\.port/),
  ]);
  expect(await readdir(path.join(folder, 'evidence'))).toEqual(['http01-ingress.json']);
});
