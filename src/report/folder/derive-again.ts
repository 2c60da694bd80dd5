import path from 'node:path';
import { UserError } from '../../user-error.ts';
import type { Report } from '../report.ts';
import { readReport, reportFileOf } from './read-report.ts';
import { readVerified } from './verified-file.ts';
import { writeDerived } from './write-derived.ts';

export interface DerivedAgain {
  readonly folder: string;
  readonly report: Report;
  /** What could not be made part of the page, a sentence each. */
  readonly warnings: readonly string[];
}

/**
 * Makes `junit.xml`, `summary.md` and `index.html` again from the `report.json` beside them, which is left as it is. A
 * picture that is gone or was changed is left out of the page.
 *
 * @param location the folder, or its `report.json`
 * @throws UserError in one sentence when the report cannot be read (2), or the folder not be written (2, or 3 when it is full)
 */
export async function deriveAgain(location: string): Promise<DerivedAgain> {
  const report = await readReport(location);
  const folder = path.dirname(await reportFileOf(location));
  const pictures = new Map<string, Buffer>();
  const warnings: string[] = [];
  for (const { browser } of report.scenarios) {
    const { screenshot = null, screenshotSha256 = null } = browser ?? {};
    if (screenshot === null || screenshotSha256 === null) continue;
    try {
      pictures.set(screenshot, await readVerified({ file: path.join(folder, screenshot), sha256: screenshotSha256 }));
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      warnings.push(error.message);
    }
  }
  await writeDerived(folder, report, pictures, { remedy: 'make it writable, or copy the folder to a writable place' });
  return { folder, report, warnings };
}
