import { createHash, randomUUID } from 'node:crypto';
import { appendFile, mkdir, rename, rm, symlink } from 'node:fs/promises';
import path from 'node:path';
import { type Evidence, evidenceSchema } from '../evidence/evidence.ts';
import { UserError } from '../user-error.ts';
import { fileErrorCode, fileErrorReason } from './file-error.ts';
import { junitXml } from './junit.ts';
import { makeFolder } from './make-folder.ts';
import { summaryMarkdown } from './markdown.ts';
import { type Report, reportSchema, type ScenarioReport } from './report.ts';
import { writeFileAtomically } from './write-file-atomically.ts';

/** A report whose evidence has not been written yet, so neither its files nor their digests are known. */
export type UnwrittenReport = Omit<Report, 'scenarios'> & {
  readonly scenarios: readonly Omit<ScenarioReport, 'evidence' | 'evidenceSha256'>[];
};

/** One folder for this report (`--report DIR`), or a folder of its own below the one that collects them. */
export type ReportDestination = { readonly folder: string } | { readonly below: string };

export interface WrittenReports {
  readonly folder: string;
  /** As it stands in report.json. */
  readonly report: Report;
  /** What could not be done beside the report itself, a sentence each. */
  readonly warnings: readonly string[];
}

/**
 * Writes `evidence/<id>.json`, `junit.xml`, `summary.md` and, last and atomically, `report.json`: who finds that finds all.
 *
 * Below a collecting folder the report gets a folder named for the start of the run, and the link `latest` beside it.
 * Where `GITHUB_STEP_SUMMARY` names a file, the summary is appended to it.
 *
 * @param evidence by scenario id; a scenario without an entry has none
 * @throws UserError one sentence, when the folder cannot be written: exit code 2, or 3 when no space is left
 * @throws Error when the report does not follow its own schema or lacks a scenario, which is a defect of Padlock
 */
export async function writeReports(
  unwritten: UnwrittenReport,
  evidence: ReadonlyMap<string, Evidence>,
  destination: ReportDestination,
  variables: Readonly<Record<string, string | undefined>> = process.env,
): Promise<WrittenReports> {
  const { report, evidenceFiles } = completed(unwritten, evidence);
  const summary = summaryMarkdown(report);
  const folder = await ownFolder(destination, report.startedAt);
  const write = (name: string, content: string) => writing(path.join(folder, name), writeFileAtomically, content);

  // What an earlier run left here must not pass for the report of this one if writing breaks off.
  await writing(path.join(folder, 'report.json'), (file) => rm(file, { force: true }), '');
  for (const [name, content] of evidenceFiles) await write(name, content);
  await write('junit.xml', junitXml(report));
  await write('summary.md', summary);
  await write('report.json', `${JSON.stringify(report, null, 2)}\n`);

  const warnings = [
    ...('below' in destination ? await linkLatest(destination.below, folder) : []),
    ...(await appendStepSummary(variables.GITHUB_STEP_SUMMARY, summary)),
  ];
  return { folder, report, warnings };
}

function completed(
  unwritten: UnwrittenReport,
  evidence: ReadonlyMap<string, Evidence>,
): { report: Report; evidenceFiles: Map<string, string> } {
  const unknown = [...evidence.keys()].find((id) => unwritten.scenarios.every((scenario) => scenario.id !== id));
  if (unknown !== undefined) throw new Error(`Padlock has evidence of ${unknown}, which is not in its report`);

  const evidenceFiles = new Map<string, string>();
  const problems = [...unwritten.problems];
  const scenarios = unwritten.scenarios.map((scenario): ScenarioReport => {
    const recorded = evidence.get(scenario.id);
    if (recorded === undefined) return { ...scenario, evidence: null, evidenceSha256: null };
    const [issue] = evidenceSchema.safeParse(recorded).error?.issues ?? [];
    if (issue !== undefined) {
      // Better kept for a human to read than lost for the sake of form.
      problems.push(
        `The evidence of ${scenario.id} does not follow its schema at ${issue.path.join('.')} (${issue.message}), so it cannot be judged again.`,
      );
    }
    const content = `${JSON.stringify(recorded, null, 2)}\n`;
    const name = `evidence/${scenario.id}.json`;
    evidenceFiles.set(name, content);
    return { ...scenario, evidence: name, evidenceSha256: createHash('sha256').update(content).digest('hex') };
  });
  const { data, error } = reportSchema.safeParse({ ...unwritten, scenarios, problems });
  if (data !== undefined) return { report: data, evidenceFiles };
  const [issue] = error.issues;
  throw new Error(
    `Padlock made a report that does not follow its own schema: at ${issue?.path.join('.')}, ${issue?.message}`,
    { cause: error },
  );
}

async function ownFolder(destination: ReportDestination, startedAt: string): Promise<string> {
  const parent = 'folder' in destination ? destination.folder : destination.below;
  const folder = 'folder' in destination ? parent : await newFolder(parent, startedAt);
  await writing(path.join(folder, 'evidence'), makeFolder, '');
  return folder;
}

/** A folder named for the start of the run, without colons, as not every file system takes them. */
async function newFolder(parent: string, startedAt: string): Promise<string> {
  await writing(parent, makeFolder, '');
  const name = path.join(parent, startedAt.replaceAll(':', '-'));
  for (let attempt = 1; ; attempt += 1) {
    const candidate = attempt === 1 ? name : `${name}-${attempt}`;
    try {
      await mkdir(candidate);
      return candidate;
    } catch (error) {
      // Another run that started in the same millisecond has this name.
      if (fileErrorCode(error) !== 'EEXIST') throw cannotWrite(candidate, error);
    }
  }
}

async function writing(
  file: string,
  write: (file: string, content: string) => Promise<unknown>,
  content: string,
): Promise<void> {
  try {
    await write(file, content);
  } catch (error) {
    throw cannotWrite(file, error);
  }
}

function cannotWrite(file: string, cause: unknown): UserError {
  const full = ['ENOSPC', 'EDQUOT'].includes(fileErrorCode(cause) ?? '');
  const remedy = full ? 'free some, or name another folder with --report DIR' : 'name another folder with --report DIR';
  return new UserError(`Cannot write the report to ${file}: ${fileErrorReason(cause)}; ${remedy}.`, {
    exitCode: full ? 3 : 2,
    cause,
  });
}

async function linkLatest(parent: string, folder: string): Promise<string[]> {
  const link = path.join(parent, 'latest');
  const temporary = path.join(parent, `.latest.${randomUUID()}`);
  try {
    await symlink(path.basename(folder), temporary);
    await rename(temporary, link);
    return [];
  } catch (error) {
    await rm(temporary, { force: true });
    return [`The link ${link} still shows an earlier report: ${fileErrorReason(error)}.`];
  }
}

async function appendStepSummary(file: string | undefined, summary: string): Promise<string[]> {
  if (file === undefined || file === '') return [];
  try {
    await appendFile(file, summary);
    return [];
  } catch (error) {
    return [`Cannot append the summary to ${file} (GITHUB_STEP_SUMMARY): ${fileErrorReason(error)}.`];
  }
}
