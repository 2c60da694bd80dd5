import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { deriveAgain } from '../../report/folder/derive-again.ts';
import { conformanceName } from '../../report/folder/read-conformance.ts';
import { deriveConformance } from './write-conformance.ts';

/** `padlock report DIR`, for a report of `padlock run` or `padlock ca` */
export async function report(location: string): Promise<number> {
  const isOfCa = await access(join(location, conformanceName)).then(
    () => true,
    () => false,
  );
  if (isOfCa) {
    await deriveConformance(location);
    process.stderr.write(`Derived junit.xml, summary.md and index.html in ${location}\n`);
    return 0;
  }
  const { folder, warnings } = await deriveAgain(location);
  for (const warning of warnings) process.stderr.write(`${warning}\n`);
  process.stderr.write(`Derived junit.xml, summary.md and index.html in ${folder}\n`);
  return 0;
}
