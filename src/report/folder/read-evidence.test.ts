import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { goodEvidence } from '../../checks/testing/evidence-fixture.ts';
import { UserError } from '../../user-error.ts';
import { exampleReport } from '../testing/example-report.ts';
import { readEvidence } from './read-evidence.ts';

let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'padlock-read-evidence-'));
  file = path.join(folder, 'e.json');
});

afterEach(() => rm(folder, { recursive: true }));

async function refusal(content: string | Uint8Array): Promise<string> {
  await writeFile(file, content);
  return refusalOf(file);
}

async function refusalOf(name: string): Promise<string> {
  const error = await readEvidence(name).catch((thrown: unknown) => thrown);
  if (!(error instanceof UserError)) throw new Error(`no UserError but ${String(error)}`);
  expect(error.exitCode).toBe(2);
  expect(error.message).toMatch(/^[^\n]+\.$/);
  return error.message.replaceAll(folder, '').replace('/e.json', 'FILE');
}

test('reads what was written', async () => {
  const evidence = await goodEvidence();
  await writeFile(file, JSON.stringify(evidence));
  expect(await readEvidence(file)).toEqual(evidence);
});

test('a file that is not there', async () => {
  expect(await refusalOf(file)).toBe('Cannot read evidence file FILE: no such file or folder (ENOENT).');
});

test('a folder', async () => {
  expect(await refusalOf(folder)).toMatch(/: it is a folder \(EISDIR\); name the files in it/);
});

test.each([
  ['an empty file', '', 'Evidence file FILE is empty.'],
  ['bytes that are no text', new Uint8Array([0x7b, 0xff, 0xfe]), 'Evidence file FILE is not UTF-8 text'],
  ['a cut-off object', '{"schemaVersion": 2, "scenario', 'is cut off: it ends at offset 30,'],
  ['a cut-off object with a line end', '{"schemaVersion": 2\n', 'is cut off: it ends at offset 20,'],
  ['a cut-off word', '{"a": tr', 'is cut off: it ends at offset 8,'],
  ['a comma too many', '{"a": 1,}', 'is not JSON at offset 8: Expected double-quoted property name.'],
  ['two documents', '{"a": 1} {}', 'is not JSON at offset 9: Unexpected non-whitespace character after JSON.'],
  ['text', `Error: ${'\u001b[31mno '.repeat(1000)}`, `is not JSON: Unexpected token 'E'.`],
  ['no object', '[1]', 'not evidence of Padlock: schemaVersion is missing.'],
  ['null', 'null', 'not evidence of Padlock: schemaVersion is missing.'],
  ['another object', '{"a": 1}', 'not evidence of Padlock: schemaVersion is missing.'],
  ['a later version', '{"schemaVersion": 4}', 'has schema version 4, but this Padlock reads 2 and 3. Use the Padlock'],
  ['a version that is none', '{"schemaVersion": "1"}', 'has schema version "1", but this'],
  ['a report', JSON.stringify(exampleReport()), 'is a report, not evidence; name the files in the folder evidence'],
  ['nothing but a version', '{"schemaVersion": 2}', 'is malformed: at scenario, Invalid input: expected object'],
])('%s', async (_what, content, message) => {
  expect(await refusal(content)).toContain(message);
});

test('every cut of a real file is said to be cut off, at the right offset', async () => {
  const whole = JSON.stringify(await goodEvidence());
  for (let length = 1; length < whole.length; length += 997) {
    expect(await refusal(whole.slice(0, length))).toContain(`is cut off: it ends at offset ${length},`);
  }
});

test('the first thing that is wrong is named with its place, also inside of a union', async () => {
  const evidence = await goodEvidence();
  const [first] = evidence.accessLog;
  if (first) first.at = 'yesterday';
  expect(await refusal(JSON.stringify(evidence))).toContain('is malformed: at accessLog[0].at, Invalid ISO datetime');

  const other = await goodEvidence();
  const outcome = other.probes[0]?.outcome;
  if (outcome && 'status' in outcome) outcome.status = 1.5;
  expect(await refusal(JSON.stringify(other))).toContain('is malformed: at probes[0].outcome.status, Invalid input');
});

test('a field with a hostile name does not reach the terminal as it is', async () => {
  const evidence = { ...(await goodEvidence()), [`\u001b]0;x\u0007\n${'y'.repeat(10_000)}`]: 1 };
  const message = await refusal(JSON.stringify(evidence));
  expect(message).toContain('at its top, Unrecognized key');
  expect(message.length).toBeLessThan(600);
});
