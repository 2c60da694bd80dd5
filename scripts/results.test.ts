import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { folderOfResult } from '../src/acme/runner/published-result.ts';
import { attestationName, loadVerificationKey, verifyPublished } from '../src/attest/index.ts';
import { badgeSvg } from '../src/report/conformance/badge.ts';
import { publishedResults, resultsFolder, resultsPage, withResults } from './results.ts';

const found = publishedResults();

test('the table of results is up to date: node scripts/write-results.ts', () => {
  const page = readFileSync(resultsPage, 'utf8');
  expect(page).toBe(withResults(page, found));
  expect(() => withResults('# Results', found)).toThrow('no place for the table');
});

test.each(found.map(({ folder, result }) => [folder, result] as const))(
  '%s: in its folder, complete, with a reason for each deviation',
  async (folder, result) => {
    expect(folder).toBe(folderOfResult(result));
    expect([
      result.error,
      result.options.only,
      result.problems.filter((one) => one.startsWith('Not possible')),
    ]).toEqual([null, [], []]);
    const known = new Set(result.gate?.known.map(({ check }) => check));
    const deviations = result.checks.filter(({ verdict }) => verdict === 'failed' || verdict === 'warned');
    expect(deviations.map(({ id }) => id).filter((id) => !known.has(id))).toEqual([]);
    expect(readFileSync(join(resultsFolder, folder, 'badge.svg'), 'utf8')).toBe(badgeSvg(result));
    const place = join(resultsFolder, folder);
    if (!existsSync(join(place, attestationName))) return;
    const key = await loadVerificationKey(join(place, 'key.pem'));
    expect(await verifyPublished(place, result, key)).toMatchObject({ signature: 'valid', findings: [] });
  },
);
