import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { UserError } from '../user-error.ts';
import { JsonLinesView } from './json-lines-view.ts';
import { runEventSchema } from './run-event.ts';
import { eventAt, fakeTerminal } from './terminal-fixture.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'padlock-json-lines-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

const started = eventAt(0, {
  kind: 'run-started',
  schemaVersion: 1,
  command: 'run',
  padlockVersion: '0.1.0',
  scenarios: ['http01-ingress'],
});
const ended = eventAt(100, { kind: 'run-ended', result: 'passed', reports: 'reports/1' });

test('writes each event to a file immediately, one line each, and replaces an older file', async () => {
  const file = join(folder, 'events.jsonl');
  await writeFile(file, 'what was there\n');
  using view = JsonLinesView.toFile(file);
  view.show(started);
  expect(JSON.parse(await readFile(file, 'utf8'))).toEqual(started);
  view.show(ended);
  const lines = (await readFile(file, 'utf8')).split('\n');
  expect(lines.pop()).toBe('');
  expect(lines.map((line) => runEventSchema.parse(JSON.parse(line)))).toEqual([started, ended]);
});

test('writes to a stream and leaves it open', () => {
  const { stream, written } = fakeTerminal();
  const view = JsonLinesView.to(stream);
  view.show(started);
  view[Symbol.dispose]();
  expect(stream.writable).toBe(true);
  expect(JSON.parse(written())).toEqual(started);
});

test('escapes what a terminal could act on, and loses nothing', () => {
  const { stream, written } = fakeTerminal();
  const hostile = 'x\u001b[2J\u009b31m\u007f\u2028\u202e\u2069\n\ty';
  const event = eventAt(0, { kind: 'problem', message: hostile });
  JsonLinesView.to(stream).show(event);
  const line = written();
  // biome-ignore lint/suspicious/noControlCharactersInRegex: finding control characters is the purpose
  expect(line.slice(0, -1)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/);
  expect(JSON.parse(line)).toEqual(event);
});

test('a file that cannot be written is wrong usage, in one sentence', () => {
  const file = join(folder, 'missing', 'events.jsonl');
  expect(() => JsonLinesView.toFile(file)).toThrow(
    new UserError(`Cannot write --json-lines '${file}' (ENOENT).`, { exitCode: 2 }),
  );
});

test('a closed pipe fails the next line, not the process', async () => {
  const stream = new Writable({
    write: (_chunk, _encoding, done) => done(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' })),
  });
  const view = JsonLinesView.to(stream);
  view.show(started);
  await new Promise((resolve) => stream.once('close', resolve));
  expect(() => view.show(ended)).toThrow('--json-lines: cannot write to stdout (EPIPE).');
});
