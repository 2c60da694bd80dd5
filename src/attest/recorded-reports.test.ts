import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { diagnose } from '../diagnosis/diagnose.ts';
import { readEvidence } from '../report/folder/read-evidence.ts';
import { readReport } from '../report/folder/read-report.ts';
import { loadVerificationKey } from './verification-key.ts';
import { verifyReport } from './verify-report.ts';

/**
 * Reports that Padlock 0.1.0 wrote and signed on a cell, compressed. One scenario passed, one failed under the fault
 * wrong-address. The same evidence must always give the same verdicts, phases, timeline and diagnosis.
 */
const recorded = path.join(import.meta.dirname, 'recorded-reports');

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'padlock-recorded-'));
  await mkdir(path.join(folder, 'evidence'));
});

afterEach(() => rm(folder, { recursive: true }));

async function unpack(name: string): Promise<void> {
  for (const part of ['', 'evidence']) {
    const files = await readdir(path.join(recorded, name, part));
    for (const file of files.filter((each) => each.endsWith('.gz'))) {
      const bytes = gunzipSync(await readFile(path.join(recorded, name, part, file)));
      await writeFile(path.join(folder, part, file.slice(0, -'.gz'.length)), bytes);
    }
  }
}

test.each([
  { name: 'passed', rule: null },
  { name: 'failed', rule: 'host-points-elsewhere' },
])('the report of a scenario that $name still follows from its evidence', async ({ name, rule }) => {
  await unpack(name);
  const verification = await verifyReport({
    folder,
    key: await loadVerificationKey(path.join(recorded, 'signing-key.pub.pem')),
    padlockVersion: 'of this source tree',
    checksOf: () => null,
  });
  expect(verification).toMatchObject({ signature: 'valid', findings: [], malformed: [] });
  const [scenario] = verification.scenarios;
  expect(scenario?.checks.map(({ judged }) => judged)).toEqual(scenario?.checks.map(({ reported }) => reported));
  expect(scenario?.checks).toHaveLength(9);

  const report = await readReport(folder);
  expect(report.scenarios).toMatchObject([{ result: name, diagnosis: rule === null ? null : { rule } }]);
  if (rule === null) return;
  const evidence = await readEvidence(path.join(folder, 'evidence/http01-ingress.json'));
  expect(diagnose(evidence)).toMatchObject({ rule });
});
