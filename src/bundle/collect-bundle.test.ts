import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ApiServerFixture, refuse } from '../kube/api-server-fixture.ts';
import { KubeClient } from '../kube/client.ts';
import { KubeError } from '../kube/kube-error.ts';
import { UserError } from '../user-error.ts';
import { Canaries } from './canaries-fixture.ts';
import { type BundleContents, type BundleOptions, collectBundle } from './collect-bundle.ts';
import { type PlantedCluster, plantedCluster } from './planted-cluster-fixture.ts';

const timeout = 60_000;

let folder: string;
let cluster: PlantedCluster;
let kube: KubeClient;

beforeAll(async () => {
  cluster = await plantedCluster(new Canaries());
  kube = await KubeClient.open(cluster.server.kubeconfig);
}, timeout);

afterAll(async () => {
  await kube[Symbol.asyncDispose]();
  await cluster[Symbol.asyncDispose]();
});

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'padlock-bundle-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

const collect = (options: Partial<BundleOptions> = {}): Promise<BundleContents> =>
  collectBundle({
    kube,
    folder: join(folder, 'bundle'),
    logs: new Map(),
    signal: new AbortController().signal,
    onProblem: () => {},
    exec: cluster.exec,
    ...options,
  });
const read = (...path: string[]) => readFile(join(folder, 'bundle', ...path), 'utf8');

describe('collectBundle', { timeout }, () => {
  test('names each of its files with size and digest, and what could not be collected', async () => {
    const { files, problems } = await collect();
    const index = JSON.parse(await read('index.json'));
    expect(index.files).toEqual(files);
    expect(index.problems).toEqual(problems);
    for (const { path, bytes, sha256 } of files) {
      const content = await readFile(join(folder, 'bundle', path));
      expect([content.length, createHash('sha256').update(content).digest('hex')]).toEqual([bytes, sha256]);
    }
    const all = await readdir(join(folder, 'bundle'), { recursive: true, withFileTypes: true });
    expect(all.filter((entry) => entry.isFile())).toHaveLength(files.length + 1);
    const readme = await read('README.md');
    expect(problems.length).toBeGreaterThan(0);
    for (const problem of problems) expect(readme).toContain(`- ${problem}`);
    expect(readme).toContain('Helm releases were left out');
    expect((await stat(join(folder, 'bundle', 'README.md'))).mode & 0o777).toBe(0o600);
  });

  test('sorts events by time and gives names of definitions only', async () => {
    await collect();
    expect(await read('events.txt')).toMatch(/^LAST SEEN .*\n2026-01-02T03:04:05.000Z {2}n .*pod\/ingress/);
    const definitions = await read('objects', 'apiextensions.k8s.io', 'CustomResourceDefinition', '_cluster.yaml');
    expect(definitions).toContain('servedVersions:\n  - v1');
    expect(definitions).not.toContain('schema');
  });

  test('continues if parts fail, and reports them', async () => {
    const told: string[] = [];
    const { problems, files } = await collect({
      logs: new Map([['gone', join(folder, 'gone.log')]]),
      onProblem: (sentence) => told.push(sentence),
      async exec() {
        throw new KubeError('Could not run it: it is not allowed (403 Forbidden).', { status: 403, reason: null });
      },
    });
    expect(told).toEqual(problems);
    expect(problems.filter((problem) => problem.includes('not allowed'))).toHaveLength(2);
    expect(problems.join('\n')).toMatch(/Could not collect the log of gone: ENOENT/);
    expect(files.map(({ path }) => path)).toContain('logs/n/ingress/istio-proxy.log');
  });

  test('reports once what it may not list, and lists the rest', async () => {
    const refused: string[] = [];
    cluster.server.overrides.push((request, response) => {
      if (!/^\/api\/v1\/(?:pods|services|namespaces\/own\/services)\?/.test(request.url ?? '')) return false;
      refused.push(request.url ?? '');
      refuse(response, 403, 'Forbidden', 'you may not');
      return true;
    });
    const { problems } = await collect();
    cluster.server.overrides.pop();
    expect(refused).toHaveLength(3);
    expect(problems.filter((problem) => problem.includes('you may not'))).toEqual([
      expect.stringMatching(
        /^(?:Pod objects were read only in namespace own|Could not collect the objects of kind Serv)/,
      ),
      expect.stringMatching(
        /^(?:Pod objects were read only in namespace own|Could not collect the objects of kind Serv)/,
      ),
    ]);
  });

  test('exists even if the API server does not answer', async () => {
    const server = await ApiServerFixture.start();
    await using unreachable = await KubeClient.open(server.kubeconfig);
    await server[Symbol.asyncDispose]();
    await writeFile(join(folder, 'pebble.log'), 'a line\n');
    const { problems } = await collect({
      kube: unreachable,
      logs: new Map([['pebble', join(folder, 'pebble.log')]]),
    });
    expect(problems.join('\n')).toMatch(/Could not collect the version of the API server: .*no answer from/);
    expect(await read('environment-logs', 'pebble.log')).toBe('a line\n');
  });

  test('keeps the end of a long log, and says so', async () => {
    const line = `${'x'.repeat(99)}\n`;
    await writeFile(join(folder, 'long.log'), `first\n${line.repeat(60_000)}last\n`);
    await collect({ logs: new Map([['../long', join(folder, 'long.log')]]) });
    const log = await read('environment-logs', '_.._long.log');
    expect(log.length).toBeLessThanOrEqual(5 * 1024 * 1024);
    expect(log.length).toBeGreaterThan(5 * 1024 * 1024 - 200);
    expect(log.endsWith('x\nlast\n')).toBe(true);
    expect(await read('README.md')).toContain('environment-logs/');
  });

  test('collects only the namespaces it is told', async () => {
    cluster.server.requests.length = 0;
    await collect({ namespaces: ['other'] });
    expect(cluster.server.requests.some((request) => request.includes('/api/v1/namespaces/other/pods'))).toBe(true);
    expect(cluster.server.requests.some((request) => request.startsWith('GET /api/v1/pods'))).toBe(false);
  });

  test('refuses a folder that holds something, and ends when it is told to', async () => {
    await expect(collect({ folder })).resolves.toBeDefined();
    await expect(collect({ folder })).rejects.toThrow(UserError);
    const reason = new Error('interrupted');
    await expect(collect({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });
});
