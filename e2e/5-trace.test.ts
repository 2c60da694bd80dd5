import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { standaloneFaults } from '../faults/index.ts';
import { buildComponents } from '../src/components/index.ts';
import { connectCell, type RunningCell } from '../src/environment/cell/cell.ts';
import { certificateOf, type FaultPlace } from '../src/faults/fault-place.ts';
import { endFault, stageFault } from '../src/faults/stage-fault.ts';
import { KubeClient } from '../src/kube/client.ts';
import { startExternalAccountPebble } from './external-account-pebble.ts';
import { folderOfTests } from './folder-of-tests.ts';
import { leftSince, lookAtMachine, nothing } from './machine.ts';
import { padlock, startPadlock } from './padlock-command.ts';

const name = 'e2e-trace';
const verdictWithinMs = 90_000;
/** The CA that demands external account binding, and the key ID that it knows. */
const externalAccountCa = { port: 14_443, keyId: 'padlock-kid' } as const;
/** Those that slow down others come last. */
const faults = [undefined, 'while it lasts', 'for good'].flatMap((slows) =>
  standaloneFaults.filter(({ onItsOwn }) => onItsOwn.slowsOthers === slows),
);
const before = lookAtMachine();
const folder = folderOfTests();
let cell: RunningCell;
let kube: KubeClient;
let place: FaultPlace;

interface Told {
  readonly diagnosis: { readonly rule: string; readonly verdict: string; readonly unseen: readonly string[] };
}

beforeAll(async () => {
  const { exitCode, stderr } = await padlock(['up', '--name', name]);
  expect(exitCode, stderr).toBe(0);
  cell = await connectCell(name);
  kube = await KubeClient.open({ path: cell.kubeconfig });
  const components = await buildComponents({
    only: ['pebble'],
    signal: new AbortController().signal,
    onProgress: () => {},
  });
  const { port, keyId } = externalAccountCa;
  const macKeys = { [keyId]: randomBytes(32).toString('base64url') };
  await startExternalAccountPebble(cell, { components, folder, port, macKeys });
  const directoryUrl = cell.ca.directoryUrl.replace('/dir', `:${port}/dir`);
  place = { environment: cell, kube, externalAccount: { directoryUrl, keyId, hmacKey: macKeys[keyId] } };
  const atOnce = faults.filter(({ onItsOwn }) => onItsOwn.slowsOthers === undefined);
  await Promise.all(atOnce.map((fault) => stageFault(fault, place)));
});

afterAll(async () => {
  await kube[Symbol.asyncDispose]();
  await padlock(['down', name]);
  expect(leftSince(before)).toEqual(nothing);
});

describe('a trace names each fault that can be staged', () => {
  test.for(faults)('$id', async (fault, { onTestFailed }) => {
    const traced = certificateOf(fault, place);
    const where = ['trace', 'certificate', traced.name, '-n', traced.namespace, '--name', name, '--json'];
    const verdicts: string[] = [];
    const { id, diagnosedAs, verdict, onItsOwn } = fault;
    if (onItsOwn.slowsOthers !== undefined) await stageFault(fault, place);
    const watching = startPadlock([...where, '--watch']);
    onTestFailed(() => {
      process.stderr.write(`${id}: ${verdicts.join('\n')}\n`);
    });
    const limit = setTimeout(() => watching.process.kill('SIGTERM'), verdictWithinMs);
    if (watching.process.stdout === null) throw new Error('the trace has no stdout');
    for await (const line of createInterface({ input: watching.process.stdout })) {
      const { diagnosis } = JSON.parse(line) as Told;
      verdicts.push(`${diagnosis.rule}: ${diagnosis.verdict}`);
      if (diagnosis.rule === diagnosedAs) break;
    }
    clearTimeout(limit);
    watching.process.kill('SIGTERM');
    await watching.ended;
    expect(verdicts.at(-1)).toMatch(new RegExp(`^${diagnosedAs}: `));

    // And it stays so for one who asks once.
    const once = await padlock(where);
    expect(once.exitCode, once.stderr).toBe(1);
    const { diagnosis } = JSON.parse(once.stdout) as Told;
    expect(diagnosis.rule, diagnosis.verdict).toBe(diagnosedAs);
    expect(diagnosis.verdict).toMatch(verdict ?? '');
    if (onItsOwn.slowsOthers !== undefined) await endFault(fault, place);
  });
});

describe('a trace that is impossible ends with one sentence', () => {
  test('a Certificate that does not exist', async () => {
    const ended = await padlock(['trace', 'certificate', 'no-such', '-n', 'default', '--name', name]);
    expect(ended.stderr).toMatch(/^The cluster at \S+ has no Certificate no-such in the namespace default\.\n$/);
    expect(ended.exitCode).toBe(2);
  });

  test('one that the user may not see', async () => {
    const file = await kubeconfigWithoutRights();
    const ended = await padlock(['trace', 'certificate', 'fault', '-n', 'fault-issuer-missing', '--kubeconfig', file]);
    expect(ended.stderr).toMatch(/^Could not get Certificate fault-issuer-missing\/fault: .*forbidden.*\n$/);
    expect(ended.exitCode).toBe(3);
  });

  test('a cluster that does not answer, and a missing kubeconfig', async () => {
    const file = join(folder, 'nowhere.yaml');
    await writeFile(file, kubeconfigText('https://127.0.0.1:1', 'none'));
    const unreachable = await padlock(['trace', 'certificate', 'fault', '-n', 'default', '--kubeconfig', file]);
    expect(unreachable.stderr).toMatch(/no answer from the API server at https:\/\/127\.0\.0\.1:1/);
    expect(unreachable.exitCode).toBe(3);
    const absent = await padlock([
      'trace',
      'certificate',
      'fault',
      '-n',
      'default',
      '--kubeconfig',
      join(folder, 'absent'),
    ]);
    expect(absent.stderr).toMatch(/^Cannot read the kubeconfig .*absent: no such file or folder \(ENOENT\)/);
    expect(absent.exitCode).toBe(2);
  });
});

async function kubeconfigWithoutRights(): Promise<string> {
  await kube.apply([
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'without-rights', namespace: 'default' } },
  ]);
  const request = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { expirationSeconds: 600 } };
  const answer = (await kube.connection.json({
    what: 'request a token',
    method: 'POST',
    path: '/api/v1/namespaces/default/serviceaccounts/without-rights/token',
    body: { contentType: 'application/json', text: JSON.stringify(request) },
  })) as { status: { token: string } };
  const file = join(folder, 'without-rights.yaml');
  await writeFile(file, kubeconfigText(kube.server, answer.status.token), { mode: 0o600 });
  return file;
}

function kubeconfigText(server: string, token: string): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'it', cluster: { server, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'it', user: { token } }],
    contexts: [{ name: 'it', context: { cluster: 'it', user: 'it' } }],
    'current-context': 'it',
  });
}
