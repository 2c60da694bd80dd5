import { createHash } from 'node:crypto';
import { type Evidence, evidenceSchema } from '../../evidence/evidence.ts';
import { type Report, reportSchema, type ScenarioReport } from '../report.ts';
import {
  type FileContent,
  type ReportDestination,
  type ReportFolder,
  type WrittenReports,
  writeReportFolder,
} from './write-report-folder.ts';

/** A report whose evidence has not been written yet, so neither its files nor their digests are known. */
export type UnwrittenReport = Omit<Report, 'scenarios'> & {
  readonly scenarios: readonly Omit<ScenarioReport, 'evidence' | 'evidenceSha256'>[];
};

/** The recordings by scenario id; a scenario without an entry has none. */
export interface Recorded {
  readonly evidence: ReadonlyMap<string, Evidence>;
  /** Screenshots of the browser, PNG. */
  readonly pictures?: ReadonlyMap<string, Buffer>;
}

/**
 * Writes `evidence/<id>.json` and `evidence/<id>.png`, what is made from the report and the report itself, which names those
 * files and their digests; see {@link writeReportFolder}.
 *
 * @throws UserError one sentence, when the folder cannot be written: exit code 2, or 3 when no space is left
 * @throws Error when the report does not follow its own schema or lacks a scenario, which is a defect of Padlock
 */
export async function writeReports(
  unwritten: UnwrittenReport,
  recorded: Recorded,
  destination: ReportDestination | ReportFolder,
  variables: Readonly<Record<string, string | undefined>> = process.env,
): Promise<WrittenReports> {
  const { report, files } = completed(unwritten, recorded);
  return writeReportFolder(report, files, destination, variables);
}

function completed(
  unwritten: UnwrittenReport,
  { evidence, pictures = new Map<string, Buffer>() }: Recorded,
): { report: Report; files: Map<string, FileContent> } {
  refuseUnknown('evidence', evidence, unwritten);
  refuseUnknown('a picture', pictures, unwritten);
  const files = new Map<string, FileContent>();
  const problems = [...unwritten.problems];
  const scenarios = unwritten.scenarios.map((scenario): ScenarioReport => {
    const pictured = withPicture(scenario, pictures.get(scenario.id), files);
    const own = evidence.get(scenario.id);
    if (own === undefined) return { ...pictured, evidence: null, evidenceSha256: null };
    const [issue] = evidenceSchema.safeParse(own).error?.issues ?? [];
    if (issue !== undefined) {
      // Better kept for a human to read than lost for the sake of form.
      problems.push(
        `The evidence of ${scenario.id} does not match its schema at ${issue.path.join('.')} (${issue.message}), so it cannot be judged again.`,
      );
    }
    const content = `${JSON.stringify(own, null, 2)}\n`;
    const name = `evidence/${scenario.id}.json`;
    files.set(name, content);
    return { ...pictured, evidence: name, evidenceSha256: sha256Of(content) };
  });
  const { data, error } = reportSchema.safeParse({ ...unwritten, scenarios, problems });
  if (data !== undefined) return { report: data, files };
  const [issue] = error.issues;
  throw new Error(
    `Padlock wrote a report that does not match its own schema: at ${issue?.path.join('.')}, ${issue?.message}`,
    { cause: error },
  );
}

/** A picture of a page that the report says nothing about, as of a browser that was refused, is left out. */
function withPicture(
  scenario: UnwrittenReport['scenarios'][number],
  picture: Buffer | undefined,
  files: Map<string, FileContent>,
): UnwrittenReport['scenarios'][number] {
  if (picture === undefined || scenario.browser === null) return scenario;
  const name = `evidence/${scenario.id}.png`;
  files.set(name, picture);
  return { ...scenario, browser: { ...scenario.browser, screenshot: name, screenshotSha256: sha256Of(picture) } };
}

function refuseUnknown(what: string, recorded: ReadonlyMap<string, unknown>, { scenarios }: UnwrittenReport): void {
  const unknown = [...recorded.keys()].find((id) => scenarios.every((scenario) => scenario.id !== id));
  if (unknown !== undefined) throw new Error(`Padlock has ${what} of ${unknown}, which is not in its report`);
}

function sha256Of(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
