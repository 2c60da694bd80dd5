export { formatDuration } from '../issuance/duration.ts';
export { phasesOf } from '../issuance/phases.ts';
export { type Comparison, compareReports } from './compare/compare.ts';
export { comparisonMarkdown } from './compare/compare-markdown.ts';
export { defaultFloorMs, defaultThresholdPercent, type SlownessLimits } from './compare/compare-phases.ts';
export { type ExitCode, exitCode, exitCodeOf } from './exit-code.ts';
export { type DerivedAgain, deriveAgain } from './folder/derive-again.ts';
export { makeFolder } from './folder/make-folder.ts';
export { parseEvidence, readEvidence } from './folder/read-evidence.ts';
export { parseReport, readReport, reportFileOf } from './folder/read-report.ts';
export { writeDerived } from './folder/write-derived.ts';
export {
  makeReportFolder,
  type ReportDestination,
  type ReportFolder,
  removeEmptyReportFolder,
  type WrittenReports,
} from './folder/write-report-folder.ts';
export { type Recorded, type UnwrittenReport, writeReports } from './folder/write-reports.ts';
export { githubAnnotations, wantsGithubAnnotations } from './github-annotations.ts';
export { junitXml } from './junit.ts';
export { summaryMarkdown } from './markdown/markdown.ts';
export { mergeReports } from './merge/merge.ts';
export { mergeFolders } from './merge/merge-folders.ts';
export { overallResult, scenarioResult } from './overall-result.ts';
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
