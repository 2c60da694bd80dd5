import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ApiServerFixture, refuse, send } from '../../kube/api-server-fixture.ts';
import { KubeClient } from '../../kube/client.ts';
import { redacted } from '../redaction.ts';
import { readComponentLogs } from './component-logs.ts';

const certManager = 'app.kubernetes.io/component=controller,app.kubernetes.io/name=cert-manager';
const istiod = 'app=istiod';
const since = new Date('2026-11-24T09:00:00.000Z');
const host = 'shop.example.test';

let server: ApiServerFixture;
let client: KubeClient;
/** The Pods that a label selector finds, and the log that a Pod has, both by namespace/name; null is refused. */
let pods: Map<string, readonly string[] | null>;
let logs: Map<string, string>;

beforeEach(async () => {
  server = await ApiServerFixture.start({ apiVersion: 'v1', kind: 'Pod', plural: 'pods', namespaced: true });
  client = await KubeClient.open(server.kubeconfig);
  pods = new Map([
    [certManager, ['cert-manager/controller-1']],
    [istiod, ['istio-system/istiod-1']],
  ]);
  logs = new Map([
    ['cert-manager/controller-1', `self check failed for ${host}\nsynced another Certificate\n`],
    ['istio-system/istiod-1', 'push triggered\n'],
  ]);
  server.overrides.push(({ url = '' }, response) => {
    const { pathname, searchParams } = new URL(url, 'http://fixture');
    if (pathname === '/api/v1/pods') {
      const found = pods.get(searchParams.get('labelSelector') ?? '');
      if (found === null || found === undefined) refuse(response, 403, 'Forbidden', 'pods is forbidden');
      else send(response, 200, { metadata: { resourceVersion: '1' }, items: found.map(podNamed) });
      return true;
    }
    const [, namespace, name] = /^\/api\/v1\/namespaces\/([^/]+)\/pods\/([^/]+)\/log$/.exec(pathname) ?? [];
    if (namespace === undefined) return false;
    const text = logs.get(`${namespace}/${name}`);
    if (text === undefined) refuse(response, 400, 'BadRequest', 'container is waiting to start: PodInitializing');
    else response.writeHead(200, { 'content-type': 'text/plain' }).end(text);
    return true;
  });
});

afterEach(async () => {
  await client[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

function podNamed(pod: string) {
  const [namespace, name] = pod.split('/');
  return { metadata: { namespace, name, uid: pod } };
}

const read = (...about: string[]) => readComponentLogs(client, { since, about });

describe('readComponentLogs', () => {
  test('keeps the lines that name a given object, and omits logs without such lines', async () => {
    expect(await read(host)).toEqual({
      logs: [{ source: 'cert-manager/controller-1', lines: [`self check failed for ${host}`] }],
      problems: [],
    });
  });

  test("asks for the controllers' logs since the moment given, and no more than their last lines", async () => {
    await read(host);
    const query = 'sinceTime=2026-11-24T09%3A00%3A00.000Z&tailLines=20000';
    expect(server.requests.filter((request) => request.includes('/log?')).toSorted()).toEqual([
      `GET /api/v1/namespaces/cert-manager/pods/controller-1/log?container=cert-manager-controller&${query}`,
      `GET /api/v1/namespaces/istio-system/pods/istiod-1/log?container=discovery&${query}`,
    ]);
  });

  test('reads every replica, in the order of their names', async () => {
    pods.set(istiod, ['istio-system/istiod-2', 'istio-system/istiod-1']);
    for (const name of ['istiod-1', 'istiod-2']) logs.set(`istio-system/${name}`, `${name} pushes ${host}\n`);
    expect((await read(host)).logs.map(({ source }) => source)).toEqual([
      'cert-manager/controller-1',
      'istio-system/istiod-1',
      'istio-system/istiod-2',
    ]);
  });

  test('keeps the last 40 lines of a log', async () => {
    const lines = Array.from({ length: 60 }, (_, index) => `pass ${index} for ${host}`);
    logs.set('cert-manager/controller-1', `${lines.join('\n')}\n`);
    expect((await read(host)).logs[0]?.lines).toEqual(lines.slice(-40));
  });

  test('accepts any of the names but ignores an empty one, which every line contains', async () => {
    logs.set('istio-system/istiod-1', 'warming secret shop-certs\npush triggered\n');
    expect((await read(host, '', 'shop-certs')).logs.flatMap(({ lines }) => lines)).toEqual([
      `self check failed for ${host}`,
      'warming secret shop-certs',
    ]);
    expect((await read('')).logs).toEqual([]);
  });

  test('hides secrets, including a key over several lines that each name the host', async () => {
    const label = 'EC PRIVATE KEY';
    const lines = [
      `request to ${host} with Authorization: Bearer abcdefgh.ijklmnop`,
      `${host} has -----BEGIN ${label}-----`,
      `${host} MHcCAQEEIHuvcanary`,
      `${host} -----END ${label}----- and goes on`,
    ];
    logs.set('cert-manager/controller-1', `${lines.join('\n')}\n`);
    const kept = (await read(host, redacted)).logs.flatMap((log) => log.lines);
    expect(kept).toEqual([
      `request to ${host} with Authorization: Bearer ${redacted}`,
      `${host} has ${redacted}`,
      redacted,
      `${redacted} and goes on`,
    ]);
  });

  test('says which log could not be read and reads the others', async () => {
    logs.delete('istio-system/istiod-1');
    const { logs: found, problems } = await read(host);
    expect(found.map(({ source }) => source)).toEqual(['cert-manager/controller-1']);
    expect(problems).toEqual([
      expect.stringMatching(
        /^The log of Pod istio-system\/istiod-1 could not be read \(Could not read .*PodInitializing \(400 BadRequest\)\)\.$/,
      ),
    ]);
  });

  test('says which Pods could not be listed', async () => {
    pods.set(certManager, null);
    expect((await read(host)).problems).toEqual([
      `The Pods with ${certManager} could not be read (Could not list Pod (v1): the API server says: pods is forbidden (403 Forbidden)).`,
    ]);
  });

  test('reports no problem in a cluster that has neither', async () => {
    pods = new Map([
      [certManager, []],
      [istiod, []],
    ]);
    expect(await read(host)).toEqual({ logs: [], problems: [] });
  });

  test('an interruption rejects and is not reported as a problem of a log', async () => {
    const interruption = new AbortController();
    interruption.abort(new Error('interrupted'));
    await expect(readComponentLogs(client, { since, about: [host], signal: interruption.signal })).rejects.toThrow(
      'interrupted',
    );
  });
});
