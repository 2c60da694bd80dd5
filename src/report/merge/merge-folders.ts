import { readdir, realpath } from 'node:fs/promises';
import path from 'node:path';
import { UserError } from '../../user-error.ts';
import { bundlesFiles } from '../folder/bundle-files.ts';
import { readReport, reportFileOf } from '../folder/read-report.ts';
import { type DigestedFile, readVerified } from '../folder/verified-file.ts';
import {
  type FileContent,
  type ReportDestination,
  type WrittenReports,
  writeReportFolder,
} from '../folder/write-report-folder.ts';
import type { Report } from '../report.ts';
import { mergeReports } from './merge.ts';

/**
 * Puts the report folders of all shards of one run together, see {@link mergeReports}: evidence and pictures keep their
 * paths, and the bundles of shard N go to `bundle/shard-N`. Every file is held to its digest before anything is written.
 * Attestations are not taken over, as they are about other reports.
 *
 * @param locations folders with a `report.json`, or those files
 * @throws UserError (2) in one sentence when a report or one of its files is not what it should be, or the shards are not
 *   those of one run; or as {@link writeReportFolder}
 */
export async function mergeFolders(
  locations: readonly string[],
  destination: ReportDestination,
  variables: Readonly<Record<string, string | undefined>> = process.env,
): Promise<WrittenReports> {
  const shards: { folder: string; report: Report }[] = [];
  for (const location of locations) {
    const report = await readReport(location);
    shards.push({ folder: path.dirname(await reportFileOf(location)), report });
  }
  const report = mergeReports(shards.map((shard) => shard.report));
  await refuseSources(shards, destination);
  const files = new Map<string, DigestedFile>();
  for (const { folder, report: shard } of shards) {
    for (const [name, file] of namedFiles(folder, shard)) files.set(name, file);
    if (shard.bundle === null) continue;
    for (const [name, file] of await bundlesFiles(path.join(folder, shard.bundle))) {
      files.set(`bundle/shard-${shard.shard?.index}/${name}`, file);
    }
  }
  for (const file of files.values()) await readVerified(file);
  const contents = new Map<string, FileContent>(
    [...files].map(([name, file]) => [name, () => readVerified(file)] as const),
  );
  return writeReportFolder(report, contents, destination, variables);
}

/** Evidence and pictures, by the paths in the report. */
function namedFiles(folder: string, { scenarios }: Report): (readonly [string, DigestedFile])[] {
  return scenarios.flatMap(({ evidence, evidenceSha256, browser }) =>
    [
      [evidence, evidenceSha256],
      [browser?.screenshot ?? null, browser?.screenshotSha256 ?? null],
    ].flatMap(([name, sha256]) => {
      if (name === null || name === undefined) return [];
      const file = path.join(folder, name);
      if (sha256 === null || sha256 === undefined) {
        throw new UserError(`The report names ${file} without a digest, so the file cannot be verified.`);
      }
      return [[name, { file, sha256 }] as const];
    }),
  );
}

/** What is merged must not be overwritten by it, nor a bundle of another run become part of it. */
async function refuseSources(shards: readonly { folder: string }[], destination: ReportDestination): Promise<void> {
  if (!('folder' in destination)) return;
  const { folder } = destination;
  const real = (name: string) => realpath(name).catch(() => path.resolve(name));
  const target = await real(folder);
  for (const shard of shards) {
    if ((await real(shard.folder)) === target) {
      throw new UserError(`The folder ${folder} is one of the shards; name another folder with --report DIR.`);
    }
  }
  const bundled = await readdir(path.join(folder, 'bundle')).catch(() => []);
  if (bundled.length > 0) {
    throw new UserError(`The folder ${folder} already contains a bundle; name another folder with --report DIR.`);
  }
}
