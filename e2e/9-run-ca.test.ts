import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildComponents } from '../src/components/index.ts';
import { connectCell } from '../src/environment/cell/cell.ts';
import { startExternalAccountPebble } from '../src/environment/cell/external-account-pebble.ts';
import caScenarios from '../suites/ca/scenarios.ts';
import { folderOfTests } from './folder-of-tests.ts';
import { leftSince, lookAtMachine, nothing } from './machine.ts';
import { type Ended, padlock } from './padlock-command.ts';
import { startPreValidatedCa } from './pre-validated/pre-validated-ca.ts';

const name = 'e2e-run-ca';
const port = 14_444;
const portOfPreValidated = 14_454;
const keyId = 'padlock-kid';
const hmacKey = randomBytes(32).toString('base64url');
const before = lookAtMachine();
const folder = folderOfTests();
/** The three runs on the cell, and one on a cell with step-ca, at once: they mostly sleep, as cert-manager does. */
let own: Ended;
let bound: Ended;
let preValidated: Ended;
let withStepCa: Ended;

interface Reported {
  readonly result: string;
  readonly ca: { readonly directoryUrl: string; readonly software: string };
  readonly components: readonly { readonly name: string }[];
  readonly problems: readonly string[];
  readonly scenarios: readonly {
    readonly id: string;
    readonly result: string;
    readonly checks: readonly {
      readonly id: string;
      readonly result: string;
      readonly message: string;
      readonly notApplicable?: boolean;
    }[];
  }[];
}

beforeAll(async () => {
  await writeFile(join(folder, 'hmac'), `${hmacKey}\n`, { mode: 0o600 });
  const { exitCode, stderr } = await padlock(['up', '--name', name]);
  expect(exitCode, stderr).toBe(0);
  const components = await buildComponents({
    only: ['pebble'],
    signal: new AbortController().signal,
    onProgress: () => {},
  });
  // The CA of a customer, as Sectigo's: no account without an external one.
  const cell = await connectCell(name);
  await startExternalAccountPebble(cell, {
    components,
    folder,
    port,
    macKeys: { [keyId]: hmacKey },
  });
  const preValidates = await startPreValidatedCa(cell, { components, folder, port: portOfPreValidated });
  const eabOptions = ['--directory', directory, ...eab, join(folder, 'hmac')];
  const onStepCa = ['--ca', 'step-ca', '--report', join(folder, 'step-ca'), '--json', '--skip', 'browser'];
  [own, bound, preValidated, withStepCa] = await Promise.all([
    run(['ca'], 'own'),
    run(['ca-http01', 'ca-preferred-chain'], 'eab', ...eabOptions),
    run(['ca'], 'pre-validated', ...preValidates),
    padlock(['run', 'http01-ingress', 'ca-preferred-chain', 'ca-profile', ...onStepCa]),
  ]);
});

afterAll(async () => {
  await padlock(['down', name]);
  expect(leftSince(before)).toEqual(nothing);
});

const run = (ids: readonly string[], report: string, ...options: readonly string[]) =>
  padlock(['run', ...ids, '--on', name, '--report', join(folder, report), '--json', '--skip', 'browser', ...options]);
const directory = `https://acme.padlock.test:${port}/dir`;
const eab = ['--eab-kid', keyId, '--eab-hmac-key-file'];

test('the suite ca passes on the cell and its own Pebble', () => {
  expect(own.exitCode, own.stderr).toBe(0);
  const { scenarios, result } = JSON.parse(own.stdout) as Reported;
  expect(result).toBe('passed');
  expect(scenarios.map(({ id }) => id)).toEqual(caScenarios.map(({ id }) => id));
});

describe('a CA that demands an external account', () => {
  const reported = () => JSON.parse(bound.stdout) as Reported;

  test('issues with the binding', () => {
    const report = reported();
    expect(report.ca.directoryUrl).toBe(directory);
    const checks = report.scenarios.find(({ id }) => id === 'ca-http01')?.checks ?? [];
    const others = checks.filter(({ result }) => result !== 'passed');
    expect(others.map(({ id, result }) => [id, result])).toEqual([['chain-in-secret-ends-at-the-cas-root', 'skipped']]);
  });

  test('what cannot be asked for is skipped with the reason, and the run is partial', () => {
    expect(bound.exitCode, bound.stderr).toBe(4);
    expect(reported().problems.join()).toContain(
      'ca-preferred-chain is not applicable, because: No root of the CA is known',
    );
  });

  test('the MAC key is in no file of the report', async () => {
    const texts = ['report.json', 'evidence/ca-http01.json'].map((file) => readFile(join(folder, 'eab', file), 'utf8'));
    for (const text of await Promise.all(texts)) expect(text).not.toContain(hmacKey);
    expect(bound.stderr).not.toContain(hmacKey);
  });
});

test('the suite ca passes with a CA that has validated every name before, and what is about solvers is not applicable', () => {
  expect(preValidated.exitCode, preValidated.stderr).toBe(0);
  const { scenarios, result } = JSON.parse(preValidated.stdout) as Reported;
  expect(result).toBe('passed');
  expect(scenarios.map(({ id, result }) => `${id} ${result}`)).toEqual(caScenarios.map(({ id }) => `${id} passed`));
  const others = scenarios.flatMap(({ checks }) => checks.filter((check) => check.result !== 'passed'));
  expect(new Set(others.map(({ id }) => id))).toEqual(
    new Set(['ca-reached-the-solver', 'solver-left-nothing', 'challenges-by-dns01']),
  );
  for (const { id, message, notApplicable } of others) {
    expect([notApplicable, message], id).toEqual([
      true,
      expect.stringMatching(/^Not applicable, because: The authorizations of Order .+ were valid beforehand/),
    ]);
  }
});

test('a cell with step-ca passes the use case, and says what this CA cannot be asked for', () => {
  const { exitCode, stdout, stderr } = withStepCa;
  expect(exitCode, stderr).toBe(4);
  const { ca, components, scenarios, problems } = JSON.parse(stdout) as Reported;
  expect(scenarios.map(({ id, result }) => [id, result])).toEqual([
    ['http01-ingress', 'passed'],
    ['ca-preferred-chain', 'skipped'],
    ['ca-profile', 'skipped'],
  ]);
  expect(problems.join()).toContain('ca-preferred-chain is not applicable, because: Only one root of the CA is known');
  expect(problems.join()).toContain(
    "ca-profile is not applicable, because: The meta of the CA's directory has no profiles",
  );
  expect(ca.software).toBe('step-ca');
  const programs = components.map(({ name: program }) => program);
  expect([programs.includes('step-ca'), programs.includes('pebble')]).toEqual([true, false]);
});

describe('bad input ends with 2 and one sentence', () => {
  test('a directory that the cell cannot reach', async () => {
    const { exitCode, stderr } = await run(['ca'], 'none', '--directory', 'https://ca.example.test/dir');
    expect([exitCode, stderr.trim().split('\n').length]).toEqual([2, 1]);
    expect(stderr).toContain('The cell is isolated');
  });

  test.each([
    [['--ca', 'nosuch'], /'nosuch' is invalid\. Allowed choices are pebble, step-ca\./],
    [['--ca', 'step-ca', '--environment', 'existing'], /^--ca needs --environment cell\. For an existing cluster, /],
    [['--ca', 'step-ca', '--on', name], /^--ca step-ca needs a fresh cell: the cell 'e2e-run-ca' runs pebble\.\n$/],
  ])('%j', async (options, sentence) => {
    const { exitCode, stderr } = await padlock(['run', 'ca', ...options]);
    expect([exitCode, stderr]).toEqual([2, expect.stringMatching(sentence)]);
  });

  test('half of the external account', async () => {
    const { exitCode, stderr } = await run(['ca'], 'none', '--directory', directory, '--eab-kid', keyId);
    expect([exitCode, stderr]).toEqual([2, 'An external account needs both --eab-kid and --eab-hmac-key-file.\n']);
  });
});
