import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { redactObject } from '../evidence/redaction.ts';
import { KubeClient } from '../kube/client.ts';
import { Canaries, foundIn } from './canaries-fixture.ts';
import { plantedCluster } from './planted-cluster-fixture.ts';

afterEach(() => {
  vi.doUnmock('../evidence/redaction.ts');
  vi.resetModules();
});

const timeout = 120_000;

/** Collects a bundle of a cluster full of secrets. @returns the places whose secrets are somewhere in it, and those of all */
async function collect(): Promise<{ found: string[]; all: string[]; paths: string[]; told: string[] }> {
  const { collectBundle } = await import('./collect-bundle.ts');
  const canaries = new Canaries();
  await using cluster = await plantedCluster(canaries);
  await using kube = await KubeClient.open(cluster.server.kubeconfig);
  const folder = await mkdtemp(join(tmpdir(), 'padlock-bundle-'));
  try {
    const log = join(folder, 'named.log');
    await writeFile(log, cluster.environmentLog);
    const told: string[] = [];
    const bundle = join(folder, 'bundle');
    await collectBundle({
      kube,
      folder: bundle,
      logs: new Map([['named', log]]),
      signal: new AbortController().signal,
      onProblem: (sentence) => told.push(sentence),
      exec: cluster.exec,
    });
    const entries = await readdir(bundle, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
    const found = foundIn(Buffer.from(told.join('\n')), canaries);
    for (const file of files) {
      for (const value of foundIn(await readFile(file), canaries)) found.add(value);
      for (const value of foundIn(Buffer.from(file), canaries)) found.add(value);
    }
    return {
      found: [...found].map((value) => canaries.places.get(value) ?? value).sort(),
      all: [...canaries.places.values()].sort(),
      paths: files.map((file) => file.slice(bundle.length + 1)).sort(),
      told,
    };
  } finally {
    await rm(folder, { recursive: true });
  }
}

describe('a bundle of a cluster with a secret in every place', () => {
  test('holds none of them', { timeout }, async () => {
    const { found, all, paths, told } = await collect();
    expect(found).toEqual([]);
    expect(all.length).toBeGreaterThan(500);
    for (const path of [
      'objects/core/Secret/n.yaml',
      'objects/core/ConfigMap/n.yaml',
      'events.txt',
      'logs/n/ingress/istio-proxy.log',
      'logs/n/ingress/istio-proxy.previous.log',
      'gateway/ingress/config_dump.json',
      'proxy-status.json',
      'environment-logs/named.log',
    ]) {
      expect(paths).toContain(path);
    }
    expect(told).toHaveLength(2);
  });

  test('would contain all of them without redaction, except what is omitted as a whole', { timeout }, async () => {
    vi.doMock('../evidence/redaction.ts', () => ({
      redacted: '[redacted]',
      lineScrubber: () => (line: string) => line,
      scrubText: (text: string) => text,
      redactObject: (object: unknown) => object,
      redactJson: (value: unknown) => value,
    }));
    const { found, all } = await collect();
    const missed = all.filter((place) => !found.includes(place) && !/helm|Helm|CustomResourceDefinition/.test(place));
    expect(missed).toEqual([]);
  });
});

describe('evidence', () => {
  test('holds nothing secret of any kind of object', { timeout }, async () => {
    const canaries = new Canaries();
    await using cluster = await plantedCluster(canaries);
    // No recorder watches definitions, and what they hold are names of fields.
    for (const object of cluster.objects.filter(({ kind }) => kind !== 'CustomResourceDefinition')) {
      const places = (text: string) =>
        [...foundIn(Buffer.from(text), canaries)].map((value) => canaries.places.get(value));
      expect(places(JSON.stringify(object)).length).toBeGreaterThan(10);
      expect(places(JSON.stringify(redactObject(object)))).toEqual([]);
      expect(redactObject(redactObject(object))).toEqual(redactObject(object));
    }
  });
});
