import { formatDuration } from '../../issuance/duration.ts';
import type { ReportResult, ScenarioResult } from '../overall-result.ts';
import { placeOfRun } from '../place-of-run.ts';
import { describeRepetitions } from '../repetitions.ts';
import type { CheckReport, Report, RunError, ScenarioReport } from '../report.ts';
import { countedResults } from '../result-counts.ts';
import { timeOfRun } from '../time-of-run.ts';
import { code, codeBlock, plain, row, tableHead } from './markdown-text.ts';
import { fitted } from './summary-limit.ts';

const messageLimit = 4000;
const cellLimit = 500;

const resultText: Record<ReportResult | ScenarioResult | CheckReport['result'], string> = {
  passed: '✅ passed',
  failed: '❌ failed',
  error: '⛔ error',
  partial: '⚠️ partial',
  skipped: '⏭️ skipped',
};

/**
 * The report for a reviewer with one minute, as GitHub Flavored Markdown: the result, then what failed and why, then what
 * was tried, how long it took, and on what. At most {@link summaryLimitBytes}; what does not fit is cut at the end, where
 * the least important is, between two blocks or rows and with a notice.
 */
export function summaryMarkdown(report: Report): string {
  return fitted([
    ...head(report),
    ...failures(report),
    ...scenarioTable(report),
    ...skippedChecks(report),
    ...problems(report),
    ...featureTable(report),
    ...phaseTable(report),
    ...notUpstream(report),
    ...versions(report),
  ]);
}

function head(report: Report): string[] {
  const { result, scenarios, startedAt, padlock } = report;
  const checks = scenarios.flatMap((scenario) => scenario.checks);
  return [
    `# Padlock: ${resultText[result]}`,
    '',
    `${countedResults('scenario', scenarios)}; ${countedResults('check', checks)}.`,
    '',
    `On ${plain(placeOfRun(report), cellLimit)}, with Padlock ${plain(padlock.version, cellLimit)}, from ${startedAt}, in ${timeOfRun(report)}.`,
  ];
}

function failures({ error, scenarios }: Report): string[] {
  const failed = scenarios.filter(({ result }) => result === 'error' || result === 'failed');
  return [
    ...(error === undefined ? [] : ['\n## ⛔ The environment failed', ...errorBlock(error)]),
    ...failed.flatMap((scenario) => [
      `\n## ${resultText[scenario.result]}: ${plain(scenario.title, cellLimit)} (${code(scenario.id)})`,
      ...(scenario.expectation === undefined ? [] : [`\nExpected: ${plain(scenario.expectation, cellLimit)}`]),
      ...(scenario.repetitions === undefined ? [] : [`\n${sentenceOf(scenario.repetitions)}`]),
      ...failedChecks(scenario),
      ...(scenario.error === undefined ? [] : errorBlock(scenario.error)),
    ]),
  ];
}

function resultCell({ result, repetitions }: ScenarioReport): string {
  return `${resultText[result]}${repetitions === undefined ? '' : ` (${describeRepetitions(repetitions)})`}`;
}

function sentenceOf(repetitions: readonly ScenarioResult[]): string {
  const told = describeRepetitions(repetitions);
  return `${told.charAt(0).toUpperCase()}${told.slice(1)}.`;
}

function failedChecks({ checks }: ScenarioReport): string[] {
  return checks
    .filter(({ result }) => result === 'failed')
    .map(
      ({ id, asserts, message }) =>
        `\n**${code(id)}**: ${plain(message, messageLimit)}\n\nAsserts: ${plain(asserts, messageLimit)}`,
    );
}

function errorBlock({ message, lastSeen }: RunError): string[] {
  const sentence = `\nEnded early: ${plain(message, messageLimit)}`;
  return [lastSeen === undefined ? sentence : `${sentence}\n\nLast seen:\n\n${codeBlock(lastSeen, messageLimit)}`];
}

function scenarioTable({ scenarios }: Report): string[] {
  if (scenarios.length === 0) return [];
  return [
    '\n## Scenarios\n',
    tableHead('Scenario', 'Result', 'Checks passed', 'failed', 'skipped', 'Time', 'Settings'),
    ...scenarios.map((scenario) => {
      const count = (result: CheckReport['result']) =>
        String(scenario.checks.filter((check) => check.result === result && !check.notApplicable).length);
      return row(
        `${code(scenario.id)} ${plain(scenario.title, cellLimit)}`,
        scenario.notApplicable === undefined ? resultCell(scenario) : '➖ not applicable',
        count('passed'),
        count('failed'),
        count('skipped'),
        formatDuration(scenario.durationMs),
        settingsCell(scenario.settings),
      );
    }),
  ];
}

function settingsCell(settings: Readonly<Record<string, string>>): string {
  return Object.entries(settings)
    .map(([name, value]) => code(`${name}: ${value}`, cellLimit))
    .join(' ');
}

function skippedChecks({ scenarios }: Report): string[] {
  const skipped = scenarios.flatMap((scenario) =>
    scenario.checks
      .filter(({ result, notApplicable }) => result === 'skipped' && !notApplicable)
      .map((check) => ({ scenario, check })),
  );
  if (skipped.length === 0) return [];
  return [
    '\n## Skipped checks\n',
    ...skipped.map(
      ({ scenario, check }) => `- ${code(scenario.id)} ${code(check.id)}: ${plain(check.message, messageLimit)}`,
    ),
  ];
}

function problems(report: Report): string[] {
  if (report.problems.length === 0) return [];
  return ['\n## Problems\n', ...report.problems.map((problem) => `- ${plain(problem, messageLimit)}`)];
}

function phaseTable({ scenarios }: Report): string[] {
  const rows = scenarios.flatMap((scenario) =>
    scenario.phases.map(({ name, durationMs, note }) =>
      row(code(scenario.id), code(name), formatDuration(durationMs), plain(note ?? '', cellLimit)),
    ),
  );
  return rows.length === 0 ? [] : ['\n## Phases\n', tableHead('Scenario', 'Phase', 'Time', 'Note'), ...rows];
}

function featureTable({ features = [] }: Report): string[] {
  const rows = features.map(({ feature, passed, failed, skipped, notApplicable = 0 }) =>
    row(code(feature), String(passed), String(failed), String(skipped), String(notApplicable)),
  );
  return rows.length === 0
    ? []
    : ['\n## Features\n', tableHead('Feature', 'Passed', 'Failed', 'Skipped', 'Not applicable'), ...rows];
}

function notUpstream(report: Report): string[] {
  if (report.notUpstream.length === 0) return [];
  return ["\n## Not upstream's own\n", ...report.notUpstream.map((sentence) => `- ${plain(sentence, messageLimit)}`)];
}

function versions({ components, ca, environment }: Report): string[] {
  const { os, kernel, arch, cpus, memoryBytes, nodeVersion, timeScale = 1 } = environment;
  const limits = timeScale === 1 ? '' : `, time limits ${timeScale} times those of an ordinary machine`;
  const memory = `${(memoryBytes / 1024 ** 3).toFixed(1)} GiB`;
  return [
    '\n## Versions\n',
    ...(components.length === 0 ? [] : [tableHead('Component', 'Version', 'Source', 'Digest', 'Note')]),
    ...components.map(({ name, version, source, digest, note }) =>
      row(
        plain(name, cellLimit),
        code(version, cellLimit),
        plain(source, cellLimit),
        digest === null ? 'unknown' : code(digest, cellLimit),
        plain(note ?? '', cellLimit),
      ),
    ),
    ...(ca === null
      ? []
      : [
          `\nCA: ${plain(`${ca.software} ${ca.version}`, cellLimit)}, directory ${code(ca.directoryUrl, cellLimit)}${Object.keys(ca.settings).length === 0 ? '' : `, with ${settingsCell(ca.settings)}`}.`,
        ]),
    `\nMachine: ${plain(`${os}, kernel ${kernel}, ${arch}, ${cpus} CPUs, ${memory}, Node.js ${nodeVersion}${limits}`, cellLimit)}.`,
  ];
}
