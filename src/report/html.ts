import { environmentSection } from './html-environment.ts';
import { iconUri } from './html-mark.ts';
import { failureSummary, resultHeader, scenarioNavigation, skippedSummary } from './html-overview.ts';
import { filesSection, remarksSection } from './html-remarks.ts';
import { scenarioSection } from './html-scenario.ts';
import { styleSheet, styleSheetHash } from './html-style.ts';
import { html, trusted } from './html-text.ts';
import { placeOfRun } from './place-of-run.ts';
import type { Report } from './report.ts';
import { countedResults } from './result-counts.ts';

/** No script, and nothing from anywhere: the one style sheet by its hash, and pictures that are part of the page. */
const contentSecurityPolicy = `default-src 'none'; style-src '${styleSheetHash}'; img-src data:; base-uri 'none'; form-action 'none'`;

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
  const page = html`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${trusted(contentSecurityPolicy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>Padlock ${result}: ${countedResults('scenario', scenarios)}, ${startedAt.slice(0, 10)}, ${placeOfRun(report)}</title>
<link rel="icon" href="${iconUri(result)}">
<style>${trusted(styleSheet)}</style>
</head>
<body id="top">
<a class="skip" href="#main">Skip to the report</a>
${resultHeader(report)}
<main id="main" tabindex="-1" class="page">
${failureSummary(report)}
${skippedSummary(report)}
${scenarioNavigation(report)}
${sections}
${remarksSection(report)}
${environmentSection(report)}
${filesSection(report)}
</main>
<footer class="page"><p class="muted">Made by Padlock ${report.padlock.version} from report.json. <a href="#top">To the top</a></p></footer>
</body>
</html>
`;
  return page.toString();
}
