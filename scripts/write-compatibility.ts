/** Generates docs/compatibility.md; with folders of reports of `padlock matrix` it notes them first: `node scripts/write-compatibility.ts [FOLDER...]`. */
import { writeFile } from 'node:fs/promises';
import {
  compatibilityFile,
  compatibilityMarkdown,
  compatibilityOf,
  compatibilityPage,
  notedCompatibility,
} from './compatibility.ts';

for (const folder of process.argv.slice(2)) {
  const compatibility = await compatibilityOf(folder);
  await writeFile(compatibilityFile(compatibility), `${JSON.stringify(compatibility, null, 2)}\n`);
}
await writeFile(compatibilityPage, compatibilityMarkdown(await notedCompatibility()));
