import { deriveAgain } from '../../report/folder/derive-again.ts';

/** `padlock report DIR` */
export async function report(location: string): Promise<number> {
  const { folder, warnings } = await deriveAgain(location);
  for (const warning of warnings) process.stderr.write(`${warning}\n`);
  process.stderr.write(`Derived junit.xml, summary.md and index.html in ${folder}\n`);
  return 0;
}
