import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  changeInWords,
  type Expectation,
  expectationsOf,
  judgeExpectations,
  readExpectations,
} from './expectations.ts';

let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'padlock-expectations-'));
  file = join(folder, 'expectations.yaml');
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

const today = new Date('2026-11-27T12:00:00Z');

const known = `deviations:
  - checks: [broken-a-label, nonsense-date]
    verdict: failed
    reason: the parser is lenient
    issue: https://issues.example.com/7
    expires: 2026-11-27
`;

test('each check of an entry is expected until the end of its last day', async () => {
  await writeFile(file, known);
  expect(await readExpectations(file, new Date('2026-11-27T23:59:59Z'))).toEqual(
    ['broken-a-label', 'nonsense-date'].map((check) => ({
      ...{ check, verdict: 'failed', reason: 'the parser is lenient', issue: 'https://issues.example.com/7' },
      ...{ expires: '2026-11-27', sometimes: false },
    })),
  );
  await expect(readExpectations(file, new Date('2026-11-28T00:00:00Z'))).rejects.toThrow(
    /has expired: the deviation broken-a-label \(and 1 more\) was accepted until 2026-11-27\. Fix the CA, or agree on a later date\.$/,
  );
});

test.each([
  ['', /: deviations must be a list\.$/],
  ['deviations: [', /is not valid YAML, line 1, column \d+: /],
  ['known: []', /: deviations must be a list\.$/],
  [known.replace('reason: the parser is lenient', "reason: ''"), /: deviations\.0\.reason must not be empty\.$/],
  [known.replace('2026-11-27', 'soon'), /: deviations\.0\.expires is wrong: it must be a date such as 2027-03-31\.$/],
  [known.replace('failed', 'skipped'), /: deviations\.0\.verdict must be "failed" or "warned"\.$/],
  [known.replace('nonsense-date', 'no-such'), /: there is no check "no-such"; padlock ca --list lists all checks\.$/],
  [known.replace('nonsense-date', 'broken-a-label'), /: it names the check "broken-a-label" twice\.$/],
  [known.replace('nonsense-date', 'alg-eddsa'), /: "alg-eddsa" is a SHOULD, which can only be warned, not failed\.$/],
])('%j is refused in one sentence', async (text, sentence) => {
  await writeFile(file, text);
  await expect(readExpectations(file, today)).rejects.toThrow(sentence);
});

const expectation: Expectation = {
  ...{ check: 'a', verdict: 'failed', reason: 'why', issue: '7', expires: '2027-01-01', sometimes: false },
};

const seen = (id: string, verdict: 'passed' | 'failed' | 'warned' | 'skipped') => ({ id, verdict, message: 'Seen.' });

test('a run with exactly the known deviations is unchanged', () => {
  expect(judgeExpectations([expectation], [seen('a', 'failed'), seen('b', 'passed')])).toEqual({
    ...{ result: 'unchanged', changes: [], known: [expectation], notJudged: [] },
  });
});

test.each([
  ['a new one', [seen('a', 'failed'), seen('b', 'warned')], 'b is new and warned: Seen.'],
  [
    'one that is gone',
    [seen('a', 'passed')],
    'a was expected to be failed and passed: remove it from the expectations.',
  ],
  ['another verdict', [seen('a', 'warned')], 'a was expected to be failed and is warned: Seen.'],
] as const)('%s is a change', (_, results, words) => {
  const { result, changes } = judgeExpectations([expectation], results);
  expect([result, changes.map(changeInWords)]).toEqual(['changed', [words]]);
});

test('what was skipped, or comes by chance, is no change', () => {
  expect(judgeExpectations([expectation], [seen('a', 'skipped')])).toMatchObject({
    ...{ result: 'unchanged', known: [], notJudged: [expectation] },
  });
  expect(judgeExpectations([{ ...expectation, sometimes: true }], [seen('a', 'passed')]).result).toBe('unchanged');
});

test('a file made from a report needs a reason for each deviation', async () => {
  await writeFile(file, expectationsOf([seen('broken-a-label', 'failed'), seen('b', 'passed')], '2027-01-01'));
  await expect(readExpectations(file, today)).rejects.toThrow('deviations.0.reason must not be empty.');
  await writeFile(file, expectationsOf([seen('b', 'passed')], '2027-01-01'));
  expect(await readExpectations(file, today)).toEqual([]);
});
