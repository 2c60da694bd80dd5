import type { ReportResult } from '../overall-result.ts';
import { iconUri } from './html-mark.ts';
import { styleSheet, styleSheetHash } from './html-style.ts';
import { html, type Insert, type Markup, trusted } from './html-text.ts';

/** No script, and nothing from anywhere: the one style sheet by its hash, and pictures that are part of the page. */
const contentSecurityPolicy = `default-src 'none'; style-src '${styleSheetHash}'; img-src data:; base-uri 'none'; form-action 'none'`;

/** What a page of results is made of. */
export interface Page {
  readonly result: ReportResult;
  readonly title: string;
  /** At the top, over the whole width. */
  readonly header: Markup;
  readonly main: Insert;
  /** The file that it was made from, and the Padlock that made it. */
  readonly source: string;
  readonly padlockVersion: string;
}

/** A page that needs nothing else: no network, no script, light and dark, for a phone and for a keyboard. */
export function resultPage({ result, title, header, main, source, padlockVersion }: Page): string {
  const page = html`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${trusted(contentSecurityPolicy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${title}</title>
<link rel="icon" href="${iconUri(result)}">
<style>${trusted(styleSheet)}</style>
</head>
<body id="top">
<a class="skip" href="#main">Skip to the report</a>
${header}
<main id="main" tabindex="-1" class="page">
${main}
</main>
<footer class="page"><p class="muted">Written by Padlock ${padlockVersion} from ${source}. <a href="#top">Back to top</a></p></footer>
</body>
</html>
`;
  return page.toString();
}
