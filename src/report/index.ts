export { type Comparison, compareReports } from './compare.ts';
export { comparisonMarkdown } from './compare-markdown.ts';
export { defaultFloorMs, defaultThresholdPercent, type SlownessLimits } from './compare-phases.ts';
export { type DerivedAgain, deriveAgain } from './derive-again.ts';
export { formatDuration } from './duration.ts';
export { type ExitCode, exitCode, exitCodeOf } from './exit-code.ts';
export { githubAnnotations, wantsGithubAnnotations } from './github-annotations.ts';
export { junitXml } from './junit.ts';
export { makeFolder } from './make-folder.ts';
export { summaryMarkdown } from './markdown.ts';
export { mergeReports } from './merge.ts';
export { mergeFolders } from './merge-folders.ts';
export { overallResult, scenarioResult } from './overall-result.ts';
export { phasesOf } from './phases.ts';
export { parseEvidence, readEvidence } from './read-evidence.ts';
export { parseReport, readReport, reportFileOf } from './read-report.ts';
export {
  type BrowserView,
  type ChainCertificate,
  type ChallengeRequest,
  type CheckReport,
  type Diagnosis,
  type Phase,
  type Report,
  type ReportCertificateAuthority,
  type ReportComponent,
  type ReportEnvironment,
  type ReportResult,
  type RunError,
  reportSchema,
  reportSchemaVersion,
  type ScenarioReport,
  type ScenarioResult,
  type Timeline,
  type TimelineEvent,
  type TimelineLane,
  type Timings,
  timelineLanes,
} from './report.ts';
export { writeDerived } from './write-derived.ts';
export {
  makeReportFolder,
  type ReportDestination,
  type ReportFolder,
  removeEmptyReportFolder,
  type WrittenReports,
} from './write-report-folder.ts';
export { type Recorded, type UnwrittenReport, writeReports } from './write-reports.ts';
