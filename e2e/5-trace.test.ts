import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { standaloneFaults } from '../faults/index.ts';
import { connectCell, type RunningCell } from '../src/environment/cell/cell.ts';
import { ProbeClient, probeAgent } from '../src/evidence/probes/probe-client.ts';
import type { FaultProof } from '../src/faults/prove-fault.ts';
import { proveFaults } from '../src/faults/prove-faults.ts';
import { KubeClient } from '../src/kube/client.ts';
import { Tracer } from '../src/trace/tracer.ts';
import { folderOfTests } from './folder-of-tests.ts';
import { leftSince, lookAtMachine, nothing } from './machine.ts';
import { padlock } from './padlock-command.ts';

const name = 'e2e-trace';
const atOnce = 8;
const allProvenWithinMs = 2_700_000;
const faults = standaloneFaults;
const before = lookAtMachine();
const folder = folderOfTests();
const stopped = new AbortController();
const proofs = new Map(faults.map(({ id }) => [id, Promise.withResolvers<FaultProof>()]));
let cell: RunningCell;
let kube: KubeClient;
let outside: ProbeClient;
let proving: Promise<unknown> = Promise.resolve();

beforeAll(async () => {
  const { exitCode, stderr } = await padlock(['up', '--name', name]);
  expect(exitCode, stderr).toBe(0);
  cell = await connectCell(name);
  kube = await KubeClient.open({ path: cell.kubeconfig });
  const { signal } = stopped;
  outside = new ProbeClient(cell.spawnOutside([process.execPath, probeAgent]));
  const externalAccount = await cell.externalAccountCa?.();
  const place = { environment: cell, kube, externalAccount, signal };
  const tracer = new Tracer({ kube, outside, nameServers: cell.nameServers, caRoots: [], signal });
  proving = proveFaults(faults, place, tracer, {
    atOnce,
    onProof: (proof) => proofs.get(proof.id)?.resolve(proof),
  }).catch((error: unknown) => {
    for (const { reject } of proofs.values()) reject(error);
  });
});

afterAll(async () => {
  stopped.abort(new Error('the tests have ended'));
  await proving;
  await outside[Symbol.asyncDispose]();
  await kube[Symbol.asyncDispose]();
  await padlock(['down', name]);
  expect(leftSince(before)).toEqual(nothing);
});

describe('a trace names each fault twice in the same words, and its cure ends it', () => {
  test.for(faults)('$id', { timeout: allProvenWithinMs }, async ({ id }) => {
    const proof = await proofs.get(id)?.promise;
    expect(proof?.problem, JSON.stringify(proof, null, 2)).toBeNull();
  });
});

test('the command names a fault, with status 1', async () => {
  const namespace = 'trace-by-command';
  const certificate = {
    apiVersion: 'cert-manager.io/v1',
    kind: 'Certificate',
    metadata: { name: 'fault', namespace },
    spec: { secretName: 'fault', dnsNames: [`${namespace}.${cell.domain}`], issuerRef: { name: 'no-such-issuer' } },
  };
  await kube.apply([{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }, certificate]);
  const traced = ['trace', 'certificate', 'fault', '-n', namespace, '--name', name];
  const once = await padlock([...traced, '--json']);
  expect(once.exitCode, once.stderr).toBe(1);
  expect(JSON.parse(once.stdout)).toMatchObject({ diagnosis: { rule: 'issuer-missing', link: 'issuer' } });
  const text = await padlock(traced);
  expect(text.stdout).toContain(`names Issuer ${namespace}/no-such-issuer, which does not exist.`);
  expect(text.exitCode).toBe(1);
});

describe('a trace that is impossible ends with one sentence', () => {
  test('a Certificate that does not exist', async () => {
    const ended = await padlock(['trace', 'certificate', 'no-such', '-n', 'default', '--name', name]);
    expect(ended.stderr).toMatch(/^The cluster at \S+ has no Certificate no-such in the namespace default\.\n$/);
    expect(ended.exitCode).toBe(2);
  });

  test('one that the user may not see', async () => {
    const file = await kubeconfigWithoutRights();
    const ended = await padlock(['trace', 'certificate', 'fault', '-n', 'trace-by-command', '--kubeconfig', file]);
    expect(ended.stderr).toMatch(/^Could not get Certificate trace-by-command\/fault: .*forbidden.*\n$/);
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
