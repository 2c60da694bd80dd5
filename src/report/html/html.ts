import { placeOfRun } from '../place-of-run.ts';
import type { Report } from '../report.ts';
import { countedResults } from '../result-counts.ts';
import { environmentSection } from './html-environment.ts';
import { featuresSection } from './html-features.ts';
import { failureSummary, resultHeader, scenarioNavigation, skippedSummary } from './html-overview.ts';
import { resultPage } from './html-page.ts';
import { filesSection, remarksSection } from './html-remarks.ts';
import { scenarioSection } from './html-scenario.ts';
import { html } from './html-text.ts';

/**
 * The report as one page that needs nothing else: no network, no script, light and dark, for a phone and for a keyboard. The
 * result comes first, then what failed and what to do, then each scenario with everything that was seen, then on what it ran.
 *
 * @param pictures the PNG files of the browser by the path that `scenario.browser.screenshot` names; they become part of
 *   the page, and one that is absent is said to be
 */
export function reportHtml(report: Report, pictures: ReadonlyMap<string, Buffer>): string {
  const { result, scenarios, startedAt } = report;
  const onlyOne = scenarios.length === 1;
  const sections = scenarios.map((scenario) =>
    scenarioSection(scenario, pictures, onlyOne || scenario.result === 'failed' || scenario.result === 'error'),
  );
  return resultPage({
    result,
    title: `Padlock ${result}: ${countedResults('scenario', scenarios)}, ${startedAt.slice(0, 10)}, ${placeOfRun(report)}`,
    header: resultHeader(report),
    main: html`${failureSummary(report)}
${skippedSummary(report)}
${scenarioNavigation(report)}
${sections}
${featuresSection(report)}
${remarksSection(report)}
${environmentSection(report)}
${filesSection(report)}`,
    source: 'report.json',
    padlockVersion: report.padlock.version,
  });
}
