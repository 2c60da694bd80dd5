import { deriveAgain } from '../../report/folder/derive-again.ts';

/** `padlock report DIR` */
export async function report(location: string): Promise<number> {
  const { folder, warnings } = await deriveAgain(location);
  for (const warning of warnings) process.stderr.write(`${warning}\n`);
  process.stderr.write(`Made junit.xml, summary.md and index.html again in ${folder}\n`);
  return 0;
}
