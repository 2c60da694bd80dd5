import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ApiServerFixture } from '../../kube/api-server-fixture.ts';
import { KubeClient } from '../../kube/client.ts';
import type { KubeObject } from '../../kube/kube-object.ts';
import { AccessLogRecorder } from './access-log-recorder.ts';

let server: ApiServerFixture;
let client: KubeClient;

beforeEach(async () => {
  server = await ApiServerFixture.start({ apiVersion: 'v1', kind: 'Pod', plural: 'pods', namespaced: true });
  client = await KubeClient.open(server.kubeconfig);
});

afterEach(async () => {
  await client[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

function gatewayPod(name: string, restartCount: number | undefined): KubeObject {
  const state = restartCount === undefined ? { waiting: {} } : { running: {} };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'gw', labels: { istio: 'ingressgateway' } },
    status: { containerStatuses: [{ name: 'istio-proxy', restartCount: restartCount ?? 0, state }] },
  };
}

function request(second: string, path: string, authority = 'a.example.test'): string {
  const entry = { start_time: `2026-11-24T08:00:${second}.000Z`, method: 'GET', path, response_code: 200, authority };
  return `2026-11-24T08:00:${second}.500000000Z ${JSON.stringify(entry)}`;
}

/** Writes a line as soon as somebody follows the Pod's log. */
async function log(pod: string, line: string): Promise<void> {
  while (server.log('gw', pod, 'istio-proxy', line) === 0) await new Promise((resolve) => setImmediate(resolve));
}

const record = () => new AccessLogRecorder(client, { labelSelector: 'istio=ingressgateway' });
const pathIs = (path: string) => (entry: { path: string }) => entry.path === path;
const limit = { what: 'the request', withinMs: 5000 };

describe('AccessLogRecorder', () => {
  test('records the requests of existing Pods, and waits for a request', async () => {
    server.put(gatewayPod('one', 0));
    await using recorder = record();
    await recorder.started;
    const waiting = recorder.untilEntry(pathIs('/b'), limit);
    await log('one', request('01', '/a'));
    await log('one', '2026-11-24T08:00:01.600000000Z Envoy proxy is ready');
    await log('one', request('02', '/b'));
    expect(await waiting).toMatchObject({ path: '/b', pod: 'gw/one', status: 200 });
    expect((await recorder.untilEntry(pathIs('/a'), limit)).path).toBe('/a');
    expect(server.requests).toContain(
      'GET /api/v1/namespaces/gw/pods/one/log?container=istio-proxy&follow=true&tailLines=1&timestamps=true',
    );
    expect(recorder.problems()).toEqual([]);
  });

  test('follows later Pods once their proxy runs, and restarted containers', async () => {
    await using recorder = record();
    await recorder.started;
    server.put(gatewayPod('two', undefined));
    server.put(gatewayPod('two', 0));
    await log('two', request('01', '/first'));
    await recorder.untilEntry(pathIs('/first'), limit);
    expect(server.requests.at(-1)).not.toContain('tailLines');
    server.put(gatewayPod('two', undefined));
    server.put(gatewayPod('two', 1));
    while (server.log('gw', 'two', 'istio-proxy', '') < 2) await new Promise((resolve) => setImmediate(resolve));
    await log('two', request('05', '/again'));
    await recorder.untilEntry(pathIs('/again'), limit);
  });

  test('reopens an interrupted log, without duplicates', async () => {
    server.put(gatewayPod('one', 0));
    await using recorder = record();
    await log('one', request('01', '/a'));
    await recorder.untilEntry(pathIs('/a'), limit);
    server.drop('broken');
    await log('one', request('01', '/a'));
    await log('one', request('02', '/b'));
    await recorder.untilEntry(pathIs('/b'), limit);
    expect(recorder.entries.map(({ path }) => path)).toEqual(['/a', '/b']);
    expect(server.requests.filter((line) => line.includes('/log?')).at(-1)).toContain(
      'sinceTime=2026-11-24T08%3A00%3A01.500Z',
    );
    expect(recorder.problems().join()).toContain('The log of Pod gw/one broke off and was opened again');
  });

  test('slices by time and host, in the order of the requests', async () => {
    server.put(gatewayPod('one', 0));
    await using recorder = record();
    for (const line of [
      request('03', '/c'),
      request('01', '/a').replace(':01.5', ':03.6'),
      request('02', '/b', 'b.example.test').replace(':02.5', ':03.7'),
    ]) {
      await log('one', line);
    }
    await recorder.untilEntry(pathIs('/b'), limit);
    const paths = (slice: Parameters<typeof recorder.slice>[0]) => recorder.slice(slice).map(({ path }) => path);
    expect(paths({})).toEqual(['/a', '/b', '/c']);
    expect(paths({ hosts: ['a.example.test'] })).toEqual(['/a', '/c']);
    expect(paths({ since: new Date('2026-11-24T08:00:02Z'), until: new Date('2026-11-24T08:00:02Z') })).toEqual(['/b']);
  });

  test('reports the last request when the expected one does not come', async () => {
    await using recorder = record();
    const short = { what: "the CA's validation request", withinMs: 50 };
    await expect(recorder.untilEntry(() => true, short)).rejects.toThrow(
      "Gave up waiting for the CA's validation request after 0.05 s; last seen: no gateway Pod whose proxy runs.",
    );
    server.put(gatewayPod('one', 0));
    await log('one', request('01', '/a'));
    await recorder.untilEntry(pathIs('/a'), limit);
    await expect(recorder.untilEntry(() => false, short)).rejects.toThrow(
      'last seen: GET a.example.test/a, 200, -, at 2026-11-24T08:00:01.000Z, the last of 1.',
    );
    const stop = new AbortController();
    const waiting = recorder.untilEntry(() => false, { ...limit, signal: stop.signal });
    stop.abort(new Error('interrupted'));
    await expect(waiting).rejects.toThrow('interrupted');
  });
});
