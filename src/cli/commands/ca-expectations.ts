import { expectationsOf } from '../../acme/runner/expectations.ts';
import { exitCode } from '../../report/exit-code.ts';
import { readConformance } from '../../report/folder/read-conformance.ts';

/** So long a deviation is accepted, unless its owner says otherwise. */
const acceptedDays = 90;
const dayMs = 86_400_000;

/** `padlock ca expectations REPORT`: the deviations of a report as an expectations file, without reasons, on stdout. */
export async function caExpectations(report: string): Promise<number> {
  const { checks } = await readConformance(report);
  const [expires = ''] = new Date(Date.now() + acceptedDays * dayMs).toISOString().split('T');
  process.stdout.write(expectationsOf(checks, expires));
  return exitCode.passed;
}
