import { readFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import { findBrowserPrograms } from '../src/browser-programs.ts';

const axeSource = new URL('../node_modules/axe-core/axe.min.js', import.meta.url);

/** What is wrong with a page as one browser shows it. */
export interface PageFindings {
  /** Violations of axe-core's rules of impact moderate and above, as `impact rule: element`. */
  readonly violations: readonly string[];
  /** How many pixels the page is wider than its window. */
  readonly overflowPx: number;
  /** What the page asked the network for, beside itself. */
  readonly requests: readonly string[];
}

/** Opens a page with everything unfolded. @throws Error if this machine has no browser */
export async function lookAtPage(
  file: string,
  { width, colorScheme }: { width: number; colorScheme: 'light' | 'dark' },
): Promise<PageFindings> {
  const programs = await findBrowserPrograms();
  if (typeof programs === 'string') throw new Error(programs);
  const browser = await chromium.launch({ executablePath: programs.browser, args: ['--no-sandbox'] });
  try {
    // axe is added to the page, which its own policy would not allow.
    const context = await browser.newContext({ bypassCSP: true, colorScheme, viewport: { width, height: 900 } });
    const page = await context.newPage();
    const requests: string[] = [];
    page.on('request', (request) => requests.push(request.url()));
    const address = pathToFileURL(file).href;
    await page.goto(address);
    await page.addScriptTag({ content: await readFile(axeSource, 'utf8') });
    const found = await page.evaluate(`(async () => {
      for (const folded of document.querySelectorAll('details')) folded.open = true;
      const { violations } = await axe.run(document);
      return {
        violations: violations
          .filter(({ impact }) => impact !== 'minor')
          .flatMap(({ impact, id, nodes }) => nodes.map(({ target }) => impact + ' ' + id + ': ' + target)),
        overflowPx: document.documentElement.scrollWidth - window.innerWidth,
      };
    })()`);
    const { violations, overflowPx } = found as Pick<PageFindings, 'violations' | 'overflowPx'>;
    return { violations, overflowPx, requests: requests.filter((url) => url !== address && !url.startsWith('data:')) };
  } finally {
    await browser.close();
  }
}
