import path from 'node:path';
import { reportHtml } from '../html/html.ts';
import { junitXml } from '../junit.ts';
import { summaryMarkdown } from '../markdown/markdown.ts';
import type { Report } from '../report.ts';
import { cannotWrite } from './cannot-write.ts';
import { writeFileAtomically } from './write-file-atomically.ts';

/**
 * Writes what is made from a report: `junit.xml`, `summary.md` and `index.html`. Everything is made before anything is
 * written. `report.json` is not touched.
 *
 * @param pictures the browser's, by the path that the report names, e.g. `evidence/http01-ingress.png`
 * @returns the summary's text
 * @throws UserError as {@link cannotWrite} says
 */
export async function writeDerived(
  folder: string,
  report: Report,
  pictures: ReadonlyMap<string, Buffer>,
  { remedy }: { readonly remedy?: string } = {},
): Promise<string> {
  const summary = summaryMarkdown(report);
  const contents = [
    ['junit.xml', junitXml(report)],
    ['summary.md', summary],
    ['index.html', reportHtml(report, pictures)],
  ] as const;
  for (const [name, content] of contents) {
    const file = path.join(folder, name);
    try {
      await writeFileAtomically(file, content);
    } catch (error) {
      throw cannotWrite(file, error, remedy);
    }
  }
  return summary;
}
