import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ApiServerFixture, refuse } from './api-server-fixture.ts';
import { KubeClient } from './client.ts';
import type { KubeObject } from './kube-object.ts';
import { conditionTrue, gone, TimeoutError, until } from './until.ts';
import type { ResourceWatch, WatchEvent, WatchOptions, WatchProblem } from './watch.ts';

const certificates = {
  apiVersion: 'cert-manager.io/v1',
  kind: 'Certificate',
  plural: 'certificates',
  namespaced: true,
} as const;
const definitions = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  plural: 'customresourcedefinitions',
  namespaced: false,
} as const;

function certificate(name: string, ready?: 'True' | 'False'): KubeObject {
  return {
    apiVersion: 'cert-manager.io/v1',
    kind: 'Certificate',
    metadata: { name, namespace: 'ns' },
    ...(ready === undefined
      ? {}
      : { status: { conditions: [{ type: 'Ready', status: ready, reason: 'Issuing', message: 'not yet.' }] } }),
  };
}

let server: ApiServerFixture;
let client: KubeClient;

beforeEach(async () => {
  server = await ApiServerFixture.start(certificates);
  client = await KubeClient.open(server.kubeconfig);
});

afterEach(async () => {
  await client[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

/** A watch whose changes a test awaits one by one, as `change name`. */
function recordedWatch(options: WatchOptions = {}) {
  const changes: string[] = [];
  const problems: WatchProblem[] = [];
  const waiters: (() => void)[] = [];
  const notify = () => waiters.splice(0).forEach((waiter) => void waiter());
  const watch = client.watch(
    { apiVersion: certificates.apiVersion, kind: 'Certificate' },
    {
      onEvent: ({ change, object }: WatchEvent) => {
        changes.push(`${change} ${object.metadata.name}`);
        notify();
      },
      onProblem: (problem) => {
        problems.push(problem);
        notify();
      },
      ...options,
    },
  );
  const eventually = async (condition: () => boolean) => {
    while (!condition()) await new Promise<void>((resolve) => waiters.push(resolve));
  };
  return { watch, changes, problems, eventually };
}

async function watching(count = 1): Promise<void> {
  while (server.openWatches !== count) await new Promise((resolve) => setImmediate(resolve));
}

const kinds = (watch: ResourceWatch) => watch.problems.map((problem) => problem.kind);

describe('ResourceWatch', () => {
  test('tells what existed, then what changes, with kind and apiVersion on every object', async () => {
    server.put(certificate('old'));
    const seen: KubeObject[] = [];
    const project = (object: KubeObject) => {
      seen.push(object);
      return object;
    };
    const recorded = recordedWatch({ project });
    await using watch = recorded.watch;
    await watch.listed;
    expect(recorded.changes).toEqual(['existed old']);
    server.put(certificate('new'));
    server.put(certificate('new', 'True'));
    server.delete(certificate('old'));
    await recorded.eventually(() => recorded.changes.length === 4);
    expect(recorded.changes).toEqual(['existed old', 'added new', 'modified new', 'deleted old']);
    expect(seen.every(({ apiVersion, kind }) => apiVersion === 'cert-manager.io/v1' && kind === 'Certificate')).toBe(
      true,
    );
    expect(watch.objects.map((object) => object.metadata.name)).toEqual(['new']);
    expect(watch.problems).toEqual([]);
  });

  test('lists in pages', async () => {
    for (let index = 0; index < 501; index += 1) server.put(certificate(`c${index}`));
    await using watch = recordedWatch().watch;
    await watch.listed;
    expect(watch.objects).toHaveLength(501);
    expect(server.requests.filter((request) => request.includes('limit='))).toHaveLength(2);
  });

  test.each(['broken', 'ended'] as const)('resumes after a connection that was %s', async (how) => {
    server.put(certificate('a'));
    const recorded = recordedWatch();
    await using watch = recorded.watch;
    await watching();
    server.drop(how);
    server.put(certificate('b'));
    await recorded.eventually(() => recorded.changes.includes('added b'));
    expect(recorded.changes).toEqual(['existed a', 'added b']);
    expect(kinds(watch)).toEqual(how === 'broken' ? ['disconnected'] : []);
    expect(server.requests.filter((request) => request.includes('limit='))).toHaveLength(1);
  });

  test('resumes from a bookmark, so that expired changes before it do not matter', async () => {
    const recorded = recordedWatch();
    await using watch = recorded.watch;
    await watching();
    server.put(certificate('a'));
    await recorded.eventually(() => recorded.changes.length === 1);
    server.bookmark();
    server.compact();
    server.drop('ended');
    server.put(certificate('b'));
    await recorded.eventually(() => recorded.changes.includes('added b'));
    expect(watch.problems).toEqual([]);
  });

  test('lists anew when its place was forgotten, and tells what appeared, changed and vanished meanwhile', async () => {
    for (const name of ['same', 'changed', 'vanished', 'replaced']) server.put(certificate(name));
    const recorded = recordedWatch();
    await using watch = recorded.watch;
    await watching();
    server.drop('ended');
    server.put(certificate('changed', 'True'));
    server.delete(certificate('vanished'));
    server.delete(certificate('replaced'));
    server.put(certificate('replaced'));
    server.put(certificate('new'));
    server.compact();
    await recorded.eventually(() => recorded.changes.length === 9);
    expect(recorded.changes.slice(4)).toEqual([
      'deleted vanished',
      'deleted replaced',
      'modified changed',
      'added replaced',
      'added new',
    ]);
    expect(kinds(watch)).toEqual(['expired']);
  });

  test('notices a connection on which nothing comes any more', async () => {
    const recorded = recordedWatch({ staleAfterMs: 60 });
    await using watch = recorded.watch;
    await recorded.eventually(() => recorded.problems.length > 0);
    expect(recorded.problems[0]).toMatchObject({
      kind: 'stale',
      message: 'Nothing came on the watch of Certificate (cert-manager.io/v1) for 0.06 s; it was connected anew.',
    });
    server.put(certificate('a'));
    await recorded.eventually(() => recorded.changes.length === 1);
    expect(watch.objects).toHaveLength(1);
  });

  test('says that a kind is absent, and begins when its definition is established', async () => {
    server.resources.splice(0, 1, definitions);
    const recorded = recordedWatch();
    await using watch = recorded.watch;
    await watch.listed;
    expect(kinds(watch)).toEqual(['absent']);
    expect(watch.problems[0]?.message).toMatch(
      /^The API server at \S+ has no kind Certificate \(cert-manager\.io\/v1\)\.$/,
    );
    server.resources.push(certificates);
    server.put(certificate('a'));
    server.put({
      apiVersion: definitions.apiVersion,
      kind: definitions.kind,
      metadata: { name: 'certificates.cert-manager.io' },
      spec: {
        group: 'cert-manager.io',
        scope: 'Namespaced',
        names: { kind: 'Certificate', plural: 'certificates' },
        versions: [{ name: 'v1', served: true }],
      },
      status: { conditions: [{ type: 'Established', status: 'True' }] },
    });
    await recorded.eventually(() => recorded.changes.length === 1);
    expect(recorded.changes).toEqual(['added a']);
  });

  test('ends if the user may not list, and reports it', async () => {
    server.overrides.push((request, response) => {
      if (!request.url?.includes('limit=')) return false;
      refuse(response, 403, 'Forbidden', 'certificates is forbidden');
      return true;
    });
    await using watch = recordedWatch().watch;
    await watch.listed;
    expect(watch.problems).toMatchObject([
      {
        kind: 'refused',
        message:
          'Could not list Certificate (cert-manager.io/v1): the API server says: certificates is forbidden (403 Forbidden).',
      },
    ]);
    await expect(
      until(watch, conditionTrue('Certificate', 'a', 'Ready'), { what: 'a', withinMs: 5000 }),
    ).rejects.toThrow('Cannot wait for a: Could not list');
  });

  test('resumes after the API server was unavailable', async () => {
    let away = true;
    server.overrides.push((request) => {
      if (away && request.url?.includes('limit=')) request.destroy();
      return away && request.url?.includes('limit=') === true;
    });
    const recorded = recordedWatch();
    await using watch = recorded.watch;
    await recorded.eventually(() => recorded.problems.length === 2);
    away = false;
    await watch.listed;
    expect(kinds(watch)).toEqual(['disconnected', 'disconnected']);
  });

  test('stops by its signal, and leaves no connection', async () => {
    const stop = new AbortController();
    const { watch } = recordedWatch({ signal: stop.signal });
    await watching();
    stop.abort();
    await watch[Symbol.asyncDispose]();
    await watching(0);
    expect(watch.problems).toEqual([]);
  });
});

describe('until', () => {
  const options = { what: 'Certificate ns/a to be Ready', withinMs: 5000 };
  const ready = conditionTrue('Certificate', 'ns/a', 'Ready');
  const selection = { apiVersion: certificates.apiVersion, kind: 'Certificate' };

  test('resolves with the object once the condition is True', async () => {
    server.put(certificate('a', 'False'));
    const waiting = client.waitFor(selection, ready, options);
    await watching();
    server.put(certificate('a', 'True'));
    expect((await waiting).metadata.name).toBe('a');
    expect(server.requests.filter((request) => request.startsWith('GET /apis/cert-manager.io/v1/'))).toHaveLength(2);
  });

  test('resolves for what is there already, and for what is gone', async () => {
    server.put(certificate('a', 'True'));
    await client.waitFor(selection, ready, options);
    await watching(0);
    const waiting = client.waitFor(selection, gone('Certificate', 'ns/a'), { ...options, what: 'it to be gone' });
    await watching();
    server.delete(certificate('a'));
    expect(await waiting).toBe(true);
  });

  test('says what was last seen when time is up', async () => {
    server.put(certificate('a', 'False'));
    server.put(certificate('b', 'True'));
    const waiting = client.waitFor(selection, ready, { ...options, withinMs: 100 });
    await expect(waiting).rejects.toThrow(TimeoutError);
    await expect(waiting).rejects.toThrow(
      'Gave up waiting for Certificate ns/a to be Ready after 0.1 s; last seen: Certificate ns/a: Ready=False (Issuing: not yet.).',
    );
  });

  test('says that there was nothing, that it was deleted, or that there is no such kind', async () => {
    const limited = { ...options, withinMs: 100 };
    await expect(client.waitFor(selection, ready, limited)).rejects.toThrow(
      'last seen: no such Certificate (cert-manager.io/v1).',
    );
    await watching(0);
    server.put(certificate('a', 'False'));
    const waiting = client.waitFor(selection, ready, limited);
    await watching();
    server.delete(certificate('a'));
    await expect(waiting).rejects.toThrow(
      'last seen: Certificate ns/a: Ready=False (Issuing: not yet.), then deleted.',
    );
    server.resources[0] = definitions;
    await using fresh = await KubeClient.open(server.kubeconfig);
    await expect(fresh.waitFor(selection, ready, limited)).rejects.toThrow(
      /last seen: The API server at \S+ has no kind/,
    );
  });

  test('rejects with the reason of its signal', async () => {
    const stop = new AbortController();
    const waiting = client.waitFor(selection, ready, { ...options, signal: stop.signal });
    stop.abort(new Error('interrupted'));
    await expect(waiting).rejects.toThrow('interrupted');
  });
});
