import { randomUUID } from 'node:crypto';
import { mkdir, rename, rm, rmdir, stat, symlink } from 'node:fs/promises';
import path from 'node:path';
import { fileErrorCode, fileErrorReason } from '../../file-error.ts';
import type { Report } from '../report.ts';
import { cannotWrite } from './cannot-write.ts';
import { makeFolder } from './make-folder.ts';
import { appendStepSummary } from './step-summary.ts';
import { writeDerived } from './write-derived.ts';
import { writeFileAtomically } from './write-file-atomically.ts';

/** The folder of this report (`--report DIR`), or a new folder below the one that collects reports. */
export type ReportDestination = { readonly folder: string } | { readonly below: string };

/** An existing folder that can take a report. */
export interface ReportFolder {
  readonly folder: string;
  /** The collecting folder, if the report is in one. */
  readonly below: string | null;
}

/** The contents of a report's folder other than `report.json` and its derived files. */
const partsOfReport = ['evidence', 'bundle', 'attestation.intoto.json'] as const;

/**
 * Creates the folder for a report before the run, so that a folder that cannot be written fails early. An earlier report in
 * it is removed with its parts, so that they cannot be mistaken for parts of the new one.
 *
 * @throws UserError one sentence, when it cannot be written: exit code 2, or 3 when no space is left
 */
export async function makeReportFolder(destination: ReportDestination, startedAt: string): Promise<ReportFolder> {
  const below = 'below' in destination ? destination.below : null;
  const folder = 'folder' in destination ? destination.folder : await newFolder(destination.below, startedAt);
  const canonical = path.join(folder, 'report.json');
  if (await stat(canonical).catch(() => null)) {
    for (const part of partsOfReport) {
      await writing(path.join(folder, part), (file) => rm(file, { recursive: true, force: true }));
    }
    await writing(canonical, (file) => rm(file, { force: true }));
  }
  await writing(path.join(folder, 'evidence'), makeFolder);
  await requireWritable(folder);
  return { folder, below };
}

/**
 * Creates a folder if it is missing, and writes and removes a file in it.
 *
 * @throws UserError one sentence, when that fails: exit code 2, or 3 when no space is left
 */
export async function requireWritable(folder: string): Promise<void> {
  await writing(folder, makeFolder);
  const trial = path.join(folder, `.trial.${randomUUID()}`);
  await writing(folder, () => writeFileAtomically(trial, ''));
  await rm(trial);
}

/** Removes a folder that {@link makeReportFolder} made and that nothing was written to. */
export async function removeEmptyReportFolder({ folder, below }: ReportFolder): Promise<void> {
  if (below === null) return;
  await rmdir(path.join(folder, 'evidence')).catch(() => {});
  await rmdir(folder).catch(() => {});
}

export interface WrittenReports {
  readonly folder: string;
  /** As it stands in report.json. */
  readonly report: Report;
  /** The parts other than the report that could not be written, one sentence each. */
  readonly warnings: readonly string[];
}

/** What a file holds, or how to get it when it is its turn. */
export type FileContent = string | Buffer | (() => Promise<Buffer>);

/** Only the owner may read data collected from a cluster. */
const modeOfBundle = 0o600;

/**
 * Writes the folder of a report: the files that it names, then its derived files, and last and atomically `report.json`. If
 * `report.json` exists, everything exists.
 *
 * Below a collecting folder the report gets a folder named for the start of the run, and the link `latest` beside it.
 * Where `GITHUB_STEP_SUMMARY` names a file, the summary is appended to it.
 *
 * @param files by their path below the folder, e.g. `evidence/http01-ingress.json`
 * @throws UserError one sentence, when the folder cannot be written: exit code 2, or 3 when no space is left
 */
export async function writeReportFolder(
  report: Report,
  files: ReadonlyMap<string, FileContent>,
  destination: ReportDestination | ReportFolder,
  variables: Readonly<Record<string, string | undefined>> = process.env,
): Promise<WrittenReports> {
  const { folder, below } =
    'folder' in destination && 'below' in destination
      ? destination
      : await makeReportFolder(destination, report.startedAt);
  const pictures = new Map<string, Buffer>();
  for (const [name, content] of files) {
    const bytes = typeof content === 'function' ? await content() : Buffer.from(content);
    if (name.endsWith('.png')) pictures.set(name, bytes);
    const file = path.join(folder, name);
    await writing(path.dirname(file), makeFolder);
    const options = name.startsWith('bundle/') ? { mode: modeOfBundle } : {};
    await writing(file, () => writeFileAtomically(file, bytes, options));
  }
  const summary = await writeDerived(folder, report, pictures);
  const canonical = `${JSON.stringify(report, null, 2)}\n`;
  await writing(path.join(folder, 'report.json'), (file) => writeFileAtomically(file, canonical));

  const warnings = [
    ...(below === null ? [] : await linkLatest(below, folder)),
    ...(await appendStepSummary(variables.GITHUB_STEP_SUMMARY, summary)),
  ];
  return { folder, report, warnings };
}

/** A folder named for the start of the run, without colons, as not every file system takes them. */
async function newFolder(parent: string, startedAt: string): Promise<string> {
  await writing(parent, makeFolder);
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

async function writing(file: string, write: (file: string) => Promise<unknown>): Promise<void> {
  try {
    await write(file);
  } catch (error) {
    throw cannotWrite(file, error);
  }
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
    return [`The link ${link} still points to an earlier report: ${fileErrorReason(error)}.`];
  }
}
