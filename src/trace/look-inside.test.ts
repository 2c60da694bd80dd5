import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { diagnose } from '../diagnosis/diagnose.ts';
import { preloadKubeClient } from '../kube/client.ts';
import type { KubeObject } from '../kube/kube-object.ts';
import { ClusterFixture, fixtureToken, object, putGateway, putWaitingIssuance } from './cluster-fixture.ts';

let cluster: ClusterFixture;
/** What was asked to be made. */
const made: KubeObject[] = [];

beforeAll(preloadKubeClient, 60_000);
beforeEach(async () => {
  made.length = 0;
  cluster = await ClusterFixture.start();
  cluster.server.logLines.set('istio-system/istio-ingressgateway-1/istio-proxy', []);
  cluster.server.onExec = (exec) => {
    exec.write('stdout', JSON.stringify({ configs: [] }));
    exec.end(0);
  };
  putGateway(cluster.server, 'istio-system', 'istio-ingressgateway', { istio: 'ingressgateway' });
  const containers = [{ name: 'istio-proxy', image: 'registry.test/proxyv2:1' }];
  const labels = { istio: 'ingressgateway' };
  cluster.server.put(
    object('v1', 'Pod', 'istio-ingressgateway-1', { namespace: 'istio-system', labels, spec: { containers } }),
  );
  putWaitingIssuance(cluster.server);
});
afterEach(() => cluster[Symbol.asyncDispose]());

/** Each Pod that is applied ends, with these last lines of its containers; null for an end without an error. */
function podsEndWith(said: Readonly<Record<string, string | null>>): void {
  cluster.server.overrides.push((request, response) => {
    if (request.method !== 'PATCH' || !request.url?.includes('/pods/padlock-inside-')) return false;
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => {
      body += text;
    });
    request.on('end', () => {
      const pod = JSON.parse(body) as KubeObject;
      made.push(pod);
      const containerStatuses = Object.entries(said).map(([name, message]) => ({
        name,
        state: { terminated: message === null ? { exitCode: 0 } : { exitCode: 1, message } },
      }));
      const stored = cluster.server.put({ ...pod, status: { phase: 'Failed', containerStatuses } });
      response.writeHead(201, { 'content-type': 'application/json' }).end(JSON.stringify(stored));
    });
    return true;
  });
}

const timeout = 'Error: timeout waiting for Envoy proxy to become ready. Last error:';

test('looks by the image of the gateway at the challenge path, and removes its Pod', async () => {
  podsEndWith({
    answer: `${timeout} HTTP status code 404`,
    address: `${timeout} Get "http://a.test:9/": dial tcp 10.0.0.7:9: connect: connection refused`,
  });
  const { surroundings } = await cluster.gather({ fromInside: true });
  expect(surroundings?.inside).toMatchObject({ addresses: ['10.0.0.7'], answer: { status: 404 } });
  const spec = made[0]?.spec as { containers: { image: string; command: string[] }[] };
  expect(spec.containers.map(({ image }) => image)).toEqual(['registry.test/proxyv2:1', 'registry.test/proxyv2:1']);
  expect(spec.containers[0]?.command.at(-1)).toBe(`http://a.test/.well-known/acme-challenge/${fixtureToken}?padlock`);
  expect(cluster.server.requests.filter((each) => /^DELETE .*padlock-inside-/.test(each))).toHaveLength(1);
});

test('a name that has no address inside, but outside, is the verdict', async () => {
  const error = 'Get "http://a.test/": dial tcp: lookup a.test on 10.96.0.10:53: no such host';
  podsEndWith({ answer: `${timeout} ${error}`, address: `${timeout} ${error}` });
  const gathered = await cluster.gather({ fromInside: true });
  expect(gathered.surroundings?.inside?.answer).toEqual({ error });
  const { links } = diagnose(gathered);
  expect(links?.find(({ link }) => link === 'self-check')?.says).toMatch(
    /inside the cluster the name a\.test has no address \(no such host\)/,
  );
});

test('without the right to make a Pod, it says so and goes on', async () => {
  cluster.server.overrides.push((request, response) => {
    if (request.method !== 'PATCH') return false;
    response.writeHead(403, { 'content-type': 'application/json' }).end('{"message":"no","reason":"Forbidden"}');
    return true;
  });
  const { problems, surroundings } = await cluster.gather({ fromInside: true });
  expect(surroundings?.inside).toBeNull();
  expect(problems).toContainEqual(
    expect.stringMatching(/^Nobody looked from inside the cluster: Could not apply Pod /),
  );
});

test('nothing is made unless it is asked for', async () => {
  await cluster.gather();
  expect(cluster.server.requests.filter((each) => /^(PATCH|DELETE|POST)/.test(each))).toEqual([]);
});
