import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { suites } from '../../suites/index.ts';
import { featureNames } from '../suite/features.ts';
import { type CapturedOutput, captureOutput } from './captured-output-fixture.ts';
import { main } from './command-line.ts';

let said: CapturedOutput;

beforeEach(() => {
  said = captureOutput();
});

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

// The first command of a file imports all that the command needs.
const timeout = 60_000;

test.each([
  [['run', '--no-such'], "error: unknown option '--no-such'"],
  [['no-such'], "error: unknown command 'no-such'"],
  [['doctor', 'more'], "error: too many arguments for 'doctor'. Expected 0 arguments but got 1: more."],
  [['judge'], "error: missing required argument 'evidence'"],
  [
    ['up', '--environment', 'existing'],
    "option '--environment <kind>' argument 'existing' is invalid. Allowed choices are cell, kind.",
  ],
  [['up', '--subnet', '10.0.0.0/24'], "'10.0.0.0/24' is invalid. it must be 10.231.N.0/24 with N from 1 to 250."],
  [['up', '--subnet', '10.231.251.0/24'], 'it must be 10.231.N.0/24 with N from 1 to 250.'],
  [['up', '--subnet', '10.231.0.0/24'], 'it must be 10.231.N.0/24 with N from 1 to 250.'],
])('%j is wrong usage: exit code 2, one sentence and where to read on', async (argv, sentence) => {
  expect(await main(argv)).toBe(2);
  const [first, ...rest] = said.err.trimEnd().split('\n');
  expect(first).toContain(sentence);
  expect(rest.join('').trim()).toMatch(/^\('padlock (\S+ )*--help' lists .*\)$/);
  expect(said.out).toBe('');
});

test.each([
  [['--no-such'], "('padlock --help' lists commands and options)"],
  [['no-such'], "('padlock --help' lists commands and options)"],
  [['run', '--no-such'], "('padlock run --help' lists its options)"],
  [['compare', 'a', 'b', '--floor-ms', 'x'], "('padlock compare --help' lists its options)"],
  [['trace', 'no-such'], "('padlock trace --help' lists commands and options)"],
  [['trace', 'certificate', 'c'], "('padlock trace certificate --help' lists its options)"],
])('%j names the help of its own command', async (argv, hint) => {
  expect(await main(argv)).toBe(2);
  expect(said.err.trimEnd().split('\n').at(-1)).toBe(hint);
});

test('a missing command is wrong usage, answered with the help', async () => {
  expect(await main([])).toBe(2);
  expect(said.err).toContain('Usage: padlock');
});

test.each([[['--help']], [['run', '--help']], [['--version']]])('%j is answered on stdout', async (argv) => {
  expect(await main(argv)).toBe(0);
  expect(said.out).not.toBe('');
  expect(said.err).toBe('');
});

test('an unknown scenario is said in one sentence that names the nearest', { timeout }, async () => {
  expect(await main(['run', 'http01-ingress', 'http01-gateway'])).toBe(2);
  expect(said.err).toMatch(
    /^Unknown scenario or suite 'http01-gateway' \(did you mean http01-gateway-api\?\)\. The suites are core, .*\.\n$/,
  );
});

test.each(['--fault', '--sabotage'])('an unknown %s is refused in one sentence', { timeout }, async (flag) => {
  expect(await main(['run', flag, 'no-such'])).toBe(2);
  expect(said.err).toMatch(/^Unknown fault 'no-such'\. Known faults: \w.+\.\n$/);
});

test('evidence that is not there is wrong usage', { timeout }, async () => {
  expect(await main(['judge', '/no/such/evidence.json'])).toBe(2);
  expect(said.err).toMatch(/^[^\n]*\/no\/such\/evidence\.json[^\n]*\n$/);
});

test('--debug adds the stack trace', { timeout }, async () => {
  expect(await main(['--debug', 'run', 'no-such'])).toBe(2);
  expect(said.err).toMatch(/^Unknown scenario or suite 'no-such'.*\n.*UserError: .*\n\s+at /s);
});

test('list tells every scenario on stdout, and as JSON', { timeout }, async () => {
  expect(await main(['list'])).toBe(0);
  expect(said.out).toMatch(/^core\n {2}http01-/);
  said.out = '';
  expect(await main(['list', '--json'])).toBe(0);
  expect(JSON.parse(said.out)).toMatchObject(
    Object.keys(suites).map((suite) => ({ suite, scenarios: expect.any(Array) })),
  );
  said.out = '';
  expect(await main(['list', '--json', '--feature', 'wildcard', '--exempt-feature', 'istio-gateway'])).toBe(0);
  expect(JSON.parse(said.out)).toMatchObject([{ suite: 'ca', scenarios: [{ id: 'ca-wildcard' }] }]);
  expect(said.err).toBe('');
});

test('list says on stderr that no scenario matches', { timeout }, async () => {
  expect(await main(['list', '--feature', 'dns01', '--exempt-feature', 'dns01'])).toBe(0);
  expect([said.out, said.err]).toEqual(['', 'No scenario matches.\n']);
});

test('list --features prints the vocabulary with the scenarios of each feature', { timeout }, async () => {
  expect(await main(['list', '--features'])).toBe(0);
  expect(said.out).toMatch(
    /^http01\n {2}A Challenge is solved over HTTP .*\n {2}Scenarios: http01-gateway-api, http01-ingress, /,
  );
  expect(said.out).toContain(
    'dns01\n  A Challenge is solved by a TXT record (RFC 8555 section 8.4).\n  Needs: A name server that takes updates (RFC 2136).\n  Scenarios: ca-dns01, ca-wildcard, ',
  );
  said.out = '';
  expect(await main(['list', '--features', '--json'])).toBe(0);
  const features = JSON.parse(said.out) as { name: string; scenarios: string[] }[];
  expect(features.map(({ name }) => name)).toEqual(featureNames);
  expect(features.filter(({ scenarios }) => scenarios.length === 0)).toEqual([]);
  expect(said.err).toBe('');
  expect(await main(['list', '--features', '--feature', 'dns01'])).toBe(2);
  expect(said.err).toContain("option '--features' cannot be used with option '--feature <name...>'");
});

test('a cell that is not there is told with what to do, and nothing is made for it', { timeout }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'padlock-program-'));
  vi.stubEnv('XDG_STATE_HOME', folder);
  try {
    expect(await main(['kubeconfig', 'no-such'])).toBeGreaterThan(0);
    expect(said.err).toMatch(/^[^\n]*no-such[^\n]*\n$/);
    expect(said.out).toBe('');
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('takes its listeners for signals away', async () => {
  const before = ['SIGINT', 'SIGTERM'].map((signal) => process.listenerCount(signal));
  await main(['--version']);
  expect(['SIGINT', 'SIGTERM'].map((signal) => process.listenerCount(signal))).toEqual(before);
});

test.each([
  [['ca', '--list', '--report', 'r'], "error: option '--list' cannot be used with option '--report <folder>'"],
  [['ca', '--list', '--directory', 'https://ca.test/'], "cannot be used with option '--directory <url...>'"],
  [['deviate', '--list', '--upstream', 'https://ca.test/'], "cannot be used with option '--upstream <url>'"],
  [['deviate', 'order-by-get', '--list'], 'Pass either a deviation or --list, not both.'],
  [['deviate', '--json'], '--json prints the list as JSON: add --list.'],
  [['up', '--environment', 'kind', '--kubernetes', 'newest'], 'it must be a whole version, e.g. v1.37.2.'],
  [
    ['up', '--environment', 'kind', '--registry-mirror', 'mirror:5000'],
    'it must be an http or https URL without a path',
  ],
  [
    ['up', '--environment', 'kind', '--kind-config', '/no/such.yaml'],
    'Cannot read --kind-config /no/such.yaml: no such',
  ],
  [['up', '--environment', 'kind', '--image-archive', '/no/such'], 'Cannot read --image-archive /no/such: no such'],
  [['up', '--environment', 'kind', '--cert-manager', 'v1.18.2'], 'Padlock can install cert-manager v1.19.0 or later'],
])('%j is refused before anything starts', { timeout }, async (argv, sentence) => {
  expect(await main(argv)).toBe(2);
  expect(said.err).toContain(sentence);
  expect(said.out).toBe('');
});

test('ca --list has only the checks of --only and --profile', { timeout }, async () => {
  const listed = async (...more: string[]) => {
    said.out = '';
    expect(await main(['ca', '--list', '--json', ...more])).toBe(0);
    return (JSON.parse(said.out) as { checks: { section: string; profile: string }[] }).checks;
  };
  const all = await listed();
  const some = await listed('--only', '7.4');
  expect(some.length).toBeGreaterThan(0);
  expect(some.length).toBeLessThan(all.length);
  expect(some.every(({ section }) => section === '7.4' || section.startsWith('7.4.'))).toBe(true);
  const readOnly = await listed('--profile', 'read-only');
  expect(new Set(readOnly.map(({ profile }) => profile))).toEqual(new Set(['read-only']));
  expect(await main(['ca', '--list', '--only', '99'])).toBe(2);
});

test('help and errors name the program as it was called', async () => {
  vi.stubEnv('PADLOCK_CALLED_AS', 'kubectl padlock');
  expect(await main(['trace', 'certificate'])).toBe(2);
  expect(said.err).toContain("('kubectl padlock trace certificate --help' lists its options)");
});
