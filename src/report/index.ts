export { formatDuration } from './duration.ts';
export { type ExitCode, exitCode, exitCodeOf } from './exit-code.ts';
export { junitXml } from './junit.ts';
export { summaryMarkdown } from './markdown.ts';
export { overallResult, scenarioResult } from './overall-result.ts';
export { phasesOf } from './phases.ts';
export { readEvidence } from './read-evidence.ts';
export {
  type CheckReport,
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
  type Timings,
} from './report.ts';
export { type ReportDestination, type UnwrittenReport, type WrittenReports, writeReports } from './write-reports.ts';
