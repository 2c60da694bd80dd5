import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { collectBundle } from '../bundle/index.ts';
import { goodEvidence } from '../checks/testing/evidence-fixture.ts';
import { diagnose } from '../diagnosis/diagnose.ts';
import { preloadKubeClient } from '../kube/client.ts';
import { ClusterFixture, coreResources, object, putGateway, putWaitingIssuance } from './cluster-fixture.ts';
import { openSavedTrace } from './saved-trace.ts';

let folder: string;
let cluster: ClusterFixture;
const signal = new AbortController().signal;
const certificate = { namespace: 'apps', name: 'cert' };

beforeAll(preloadKubeClient, 60_000);
beforeEach(async () => {
  cluster = await ClusterFixture.start();
  cluster.server.overrides.push((request, response) => {
    if (request.url !== '/apis') return false;
    const versions = [...new Set(cluster.server.resources.map(({ apiVersion }) => apiVersion))].filter((each) =>
      each.includes('/'),
    );
    const groups = [...Map.groupBy(versions, (each) => each.split('/')[0] ?? '')].map(([name, all]) => ({
      name,
      versions: all.map((groupVersion) => ({ groupVersion })),
    }));
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ groups }));
    return true;
  });
  folder = await mkdtemp(join(tmpdir(), 'padlock-saved-'));
});
afterEach(async () => {
  await cluster[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

/** Collects a bundle of the cluster, and gives its folder. */
async function bundle(namespaces?: readonly string[]): Promise<string> {
  const path = join(folder, 'bundle');
  await collectBundle({
    ...{ kube: cluster.kube, folder: path, logs: new Map(), signal, onProblem: () => {} },
    ...(namespaces === undefined ? {} : { namespaces }),
    exec: async () => ({ stdout: JSON.stringify({ configs: [] }), stderr: '', exitCode: 0 }),
  });
  return path;
}

async function traced(path: string, which = certificate) {
  const saved = await openSavedTrace(path, { caRoots: [], signal });
  return diagnose(await saved.read(which));
}

describe('a bundle', () => {
  beforeEach(() => {
    cluster.server.logLines.set('istio-system/istio-ingressgateway-1/istio-proxy', []);
    cluster.server.onExec = (exec) => {
      exec.write('stdout', JSON.stringify({ configs: [] }));
      exec.end(0);
    };
    putGateway(cluster.server, 'istio-system', 'istio-ingressgateway', { istio: 'ingressgateway' });
    putWaitingIssuance(cluster.server);
  });

  test('is traced to the verdict of the cluster, and says that nobody looked from outside', async () => {
    cluster.server.delete(object('cert-manager.io/v1', 'Issuer', 'acme'));
    const live = diagnose(await cluster.gather());
    const path = await bundle();
    const asked = cluster.server.requests.length;
    const saved = await traced(path);
    expect(cluster.server.requests).toHaveLength(asked);
    expect([saved.rule, saved.verdict]).toEqual([live.rule, live.verdict]);
    expect(saved.rule).toBe('issuer-missing');
    expect(saved.unseen).toContainEqual(expect.stringMatching(/^Nobody looked from outside: the addresses of a\.test/));
  });

  test('has all its Certificates, and names one that it does not have', async () => {
    const path = await bundle();
    const saved = await openSavedTrace(path, { caRoots: [], signal });
    expect(saved.certificates).toEqual([certificate]);
    await expect(traced(path, { namespace: 'apps', name: 'other' })).rejects.toMatchObject({
      exitCode: 2,
      message: `The bundle ${path} has no Certificate other in the namespace apps.`,
    });
  });

  test('takes nothing for absent that was not collected', async () => {
    cluster.server.forbid('list', 'issuers');
    const { rule, unseen } = await traced(await bundle());
    expect(rule).not.toBe('issuer-missing');
    expect(unseen).toContainEqual(
      expect.stringMatching(/^Could not get Issuer apps\/acme: the bundle \S+ does not have it\.$/),
    );
  });

  test('says where it has no look if it has only some namespaces', async () => {
    const { unseen } = await traced(await bundle(['apps']));
    expect(unseen).toContain('Challenge could not be looked for outside the namespace apps: the bundle has no others.');
  });

  test('tells ages by the time when it was collected', async () => {
    const path = await bundle();
    const file = join(path, 'index.json');
    const index = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>;
    await writeFile(file, JSON.stringify({ ...index, endedAt: '2026-01-02T03:04:05.000Z' }));
    const saved = await openSavedTrace(path, { caRoots: [], signal });
    const { objects } = await saved.read(certificate);
    expect(objects[0]?.states[0]?.at).toBe('2026-01-02T03:04:05.000Z');
  });

  test.each([
    [
      'no version',
      { bundleVersion: undefined },
      /has an older version of the format, and this Padlock reads version 1/,
    ],
    ['a later version', { bundleVersion: 2 }, /has version 2 of the format, and this Padlock reads version 1/],
    ['a damaged index', { kinds: 'none' }, /index\.json of the bundle is damaged: kinds must be a list\.$/],
  ])('with %s is refused', async (_, change, message) => {
    const path = await bundle();
    const file = join(path, 'index.json');
    const index = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>;
    await writeFile(file, JSON.stringify({ ...index, ...change }));
    await expect(traced(path)).rejects.toMatchObject({ exitCode: 2, message: expect.stringMatching(message) });
  });

  test('with objects that are no YAML is refused, and links that lead out of it are not followed', async () => {
    const path = await bundle();
    await symlink('/etc/hostname', join(path, 'objects', 'link.yaml'));
    await expect(traced(path)).resolves.toBeDefined();
    await writeFile(join(path, 'objects', 'broken.yaml'), 'a: [\n');
    await expect(traced(path)).rejects.toThrow(/broken\.yaml, line \d+, of the bundle is not valid YAML: /);
  });

  test('is named where the folder above it was given', async () => {
    const path = await bundle();
    await expect(traced(folder)).rejects.toThrow(`It contains bundles: ${path}.`);
  });
});

test('a bundle of a cluster without cert-manager is told as such', async () => {
  await cluster[Symbol.asyncDispose]();
  cluster = await ClusterFixture.start(coreResources);
  cluster.server.overrides.push((request, response) => {
    if (request.url !== '/apis') return false;
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ groups: [] }));
    return true;
  });
  await expect(traced(await bundle())).rejects.toThrow(
    /^The bundle \S+ has no cert-manager .* Check that it is the bundle/,
  );
});

describe('evidence', () => {
  test('of a report is traced', async () => {
    const evidence = await goodEvidence();
    await mkdir(join(folder, 'evidence'));
    await writeFile(join(folder, 'evidence', 'one.json'), JSON.stringify(evidence));
    const { rule } = await traced(folder, evidence.subject.certificate);
    expect(rule).toBe('served');
    const other = { namespace: 'apps', name: 'other' };
    await expect(traced(join(folder, 'evidence', 'one.json'), other)).rejects.toThrow(
      /is not about Certificate apps\/other, but about /,
    );
  });
});
