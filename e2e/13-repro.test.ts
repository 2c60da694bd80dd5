import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectCell, type RunningCell } from '../src/environment/cell/cell.ts';
import { KubeClient } from '../src/kube/client.ts';
import { folderOfTests } from './folder-of-tests.ts';
import { type Ended, padlock } from './padlock-command.ts';

const name = 'e2e-repro';
const fault = 'ca-not-trusted';
const certificate = ['fault', '-n', `fault-${fault}`];
const folder = folderOfTests();
let staged: Ended;
let cell: RunningCell;
let kube: KubeClient;

/** One fault on a cell that the command itself starts, and everything that the inner loop does with it. */
beforeAll(async () => {
  staged = await padlock(['repro', fault, '--name', name, '--json']);
  expect(staged.exitCode, staged.stderr).toBe(0);
  cell = await connectCell(name);
  kube = await KubeClient.open({ path: cell.kubeconfig });
});

afterAll(async () => {
  await kube[Symbol.asyncDispose]();
  await padlock(['down', name]);
});

test('repro stages a fault on a cell of its own, and tells its verdict and cure', () => {
  const told = JSON.parse(staged.stdout) as Record<string, unknown>;
  expect(told).toMatchObject({ fault, diagnosis: { rule: fault }, kubeconfig: cell.kubeconfig, cured: null });
  expect(told).toMatchObject({ cure: { says: expect.stringMatching(/caBundle/) } });
});

test('a bundle of it is traced offline to the same verdict', async () => {
  const bundle = join(folder, 'bundle');
  await padlock(['bundle', '--name', name, '--output', bundle]);
  const [live, offline] = await Promise.all([
    padlock(['trace', 'certificate', ...certificate, '--name', name, '--json']),
    padlock(['trace', '--bundle', bundle, '--json']),
  ]);
  const verdictOf = ({ stdout }: Ended) => (JSON.parse(stdout) as { diagnosis: { verdict: string } }).diagnosis.verdict;
  expect(offline.exitCode, offline.stderr).toBe(1);
  expect(verdictOf(offline)).toBe(verdictOf(live));
});

test('a trace from inside looks by a Pod, and leaves none', async () => {
  const { stdout, exitCode } = await padlock(['trace', 'certificate', ...certificate, '--name', name, '--from-inside']);
  expect(exitCode).toBe(1);
  expect(stdout).toMatch(
    new RegExp(`${fault}\\.padlock\\.test from Pod cert-manager/padlock-inside-\\S+ +address 10\\.`),
  );
  const pods = await kube.list({ apiVersion: 'v1', kind: 'Pod', namespace: 'cert-manager' });
  expect(pods.filter(({ metadata }) => metadata.name.startsWith('padlock-inside-'))).toEqual([]);
});

test('names are set and unset, and a shell outside resolves them and trusts the CA', async () => {
  const shell = (script: string) => padlock(['shell', '--name', name, '--', 'sh', '-c', script]);
  expect((await padlock(['dns', 'set', 'mine.padlock.test', '--name', name])).exitCode).toBe(0);
  const set = await shell(
    'getent hosts mine.padlock.test && echo "$KUBECONFIG" && curl -sSf https://acme.padlock.test/dir',
  );
  expect(set.exitCode, set.stderr).toBe(0);
  expect(set.stdout).toContain(cell.kubeconfig);
  expect(set.stdout).toContain('newOrder');
  expect((await padlock(['dns', 'unset', 'mine.padlock.test', '--name', name])).exitCode).toBe(0);
  expect((await shell('getent hosts mine.padlock.test || exit 7')).exitCode).toBe(7);
});

test('a fault of external account binding has a CA of its own, which is there for the next command', async () => {
  const once = await padlock(['repro', 'eab-wrong-key', '--on', name, '--json']);
  expect(once.exitCode, once.stderr).toBe(0);
  const cured = await padlock(['repro', 'eab-wrong-key', '--on', name, '--cure', '--json']);
  expect(cured.exitCode, cured.stderr).toBe(0);
  expect(JSON.parse(cured.stdout)).toMatchObject({
    diagnosis: { rule: 'eab-wrong-key' },
    cured: { diagnosis: { rule: 'served' } },
  });
});

test('--fail-fast ends the scenarios beside the one that failed, and starts no other', async () => {
  const scenarios = join(folder, 'scenarios');
  const wait = (kind: string, within: string) =>
    `waitFor: { apiVersion: cert-manager.io/v1, kind: ${kind}, name: no-such, condition: Ready, within: ${within} }`;
  const steps = {
    'fails-at-once': `[{ ${wait('Issuer', '1s')} }]`,
    'waits-for-long': `[{ ${wait('Certificate', '10m')} }]\ntimeLimit: 10m`,
    'runs-alone': `[{ ${wait('Issuer', '1s')} }]\nchangesClusterWide: nothing`,
  };
  for (const [id, own] of Object.entries(steps)) {
    await mkdir(join(scenarios, id), { recursive: true });
    const subject = '{ issuer: { name: a }, certificate: { name: a }, secret: { name: a }, solver: ingress }';
    const text = `title: A scenario\nfeatures: [http01]\nsubject: ${subject}\nsteps: ${own}\nchecks: [account-registered]\n`;
    await writeFile(join(scenarios, id, 'scenario.yaml'), text);
  }
  const report = join(folder, 'fail-fast');
  const ended = await padlock(['run', scenarios, '--on', name, '--fail-fast', '--skip', 'browser', '--report', report]);
  expect(ended.exitCode, ended.stderr).toBe(1);
  const told = JSON.parse(await readFile(join(report, 'report.json'), 'utf8')) as {
    scenarios: { id: string; result: string }[];
    problems: string[];
  };
  expect(told.scenarios.map(({ id, result }) => [id, result])).toEqual([
    ['fails-at-once', 'failed'],
    ['runs-alone', 'skipped'],
    ['waits-for-long', 'skipped'],
  ]);
  expect(told.problems).toContain('waits-for-long was ended before its time: another scenario failed.');
  expect(told.problems).toContain('runs-alone was skipped: another scenario failed before.');
  const isOfRun = ({ metadata }: { metadata: { name: string } }) => /^(?:fails|waits|runs)-/.test(metadata.name);
  await kube.waitFor(
    { apiVersion: 'v1', kind: 'Namespace' },
    (namespaces: readonly { metadata: { name: string } }[]) => (namespaces.some(isOfRun) ? undefined : true),
    { what: 'the namespaces of all three to be gone', withinMs: 300_000 },
  );
});

describe('repro on a cell that is up', () => {
  test('cures the fault: the certificate is Ready and served', async () => {
    const { exitCode, stdout, stderr } = await padlock(['repro', fault, '--on', name, '--cure', '--json']);
    expect(exitCode, stderr).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ cured: { diagnosis: { rule: 'served' } } });
  });

  test('removes what was staged', async () => {
    const { exitCode, stderr } = await padlock(['repro', fault, '--on', name, '--remove']);
    expect(exitCode, stderr).toBe(0);
    const gateways = await kube.list({ apiVersion: 'gateway.networking.k8s.io/v1', kind: 'Gateway' });
    expect(gateways.map(({ metadata }) => metadata.name)).not.toContain(`fault-${fault}`);
  });
});
