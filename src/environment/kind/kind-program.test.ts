import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { callKind, creationProblem, KindFailure, type KindProgram } from './kind-program.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'padlock-kind-'));
});
afterEach(() => rm(folder, { recursive: true }));

function problemOf(said: string): string {
  return creationProblem(new KindFailure(['create'], 'status 1', said), 'node:1', '/logs/kind.log').message;
}

test('explains why a cluster could not be created', () => {
  expect(
    problemOf(
      'Creating cluster\nERROR: failed to create cluster: failed to pull image "node:1": command "docker pull node:1" failed with error: exit status 1\n\nCommand Output: Error response from daemon: manifest unknown\n',
    ),
  ).toBe(
    'The node image node:1 is not available locally and could not be pulled (manifest unknown). Load it into the container engine, or choose another one with --node-image.',
  );
  expect(problemOf('ERROR: failed to create cluster: could not find a log line that matches "Reached target"\n')).toBe(
    "The node image node:1 does not start. It must be one of kind's node images for this machine's architecture. kind's log is /logs/kind.log.",
  );
  expect(
    problemOf(
      'ERROR: x\nCommand Output: Error response from daemon: mkdir /var/lib/docker/a: no space left on device\n',
    ),
  ).toMatch(/^The kind cluster did not start: the container engine's disk is full/);
  expect(problemOf('ERROR: failed to create cluster: something new.\n')).toBe(
    "The kind cluster could not be created: failed to create cluster: something new. kind's log is /logs/kind.log.",
  );
  expect(problemOf('')).toContain("kind's log is");
});

async function programOf(script: string, signal = new AbortController().signal): Promise<KindProgram> {
  const file = join(folder, 'kind');
  await writeFile(file, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return { file, environment: { KIND_EXPERIMENTAL_PROVIDER: 'docker' }, log: join(folder, 'kind.log'), signal };
}

test('gives what kind prints, and logs all that it says', async () => {
  const kind = await programOf('echo "$KIND_EXPERIMENTAL_PROVIDER $1"; echo working >&2');
  expect(await callKind(kind, ['version'])).toBe('docker version\n');
  await expect.poll(() => readFile(kind.log, 'utf8')).toContain('working');
});

test('fails with what kind said', async () => {
  const kind = await programOf('echo "ERROR: no" >&2; exit 7');
  await expect(callKind(kind, ['create'])).rejects.toMatchObject({ name: 'KindFailure', said: 'ERROR: no\n' });
});

test('ends kind when it is interrupted, with the reason for that', async () => {
  const stop = new AbortController();
  const kind = await programOf('echo started; exec sleep 60', stop.signal);
  const call = callKind(kind, ['create']);
  stop.abort(new Error('interrupted'));
  await expect(call).rejects.toThrow('interrupted');
});
