import { describe, expect, test } from 'vitest';
import { isConnectionWithoutRequest, parseAccessLogLine } from './access-log-line.ts';

const challenge = {
  at: '2026-11-24T08:00:12.345Z',
  pod: 'istio-system/gw-1',
  method: 'GET',
  path: '/.well-known/acme-challenge/tok-en_1',
  authority: 'a.example.test',
  status: 200,
  responseFlags: '-',
  responseCodeDetails: 'via_upstream',
  upstreamCluster: 'outbound|8089||cm-acme-http-solver-v7mtt.istio-system.svc.cluster.local',
  upstreamHost: '10.244.0.9:8089',
  routeName: null,
  userAgent: 'LetsEncrypt-Pebble-VA (linux; amd64)',
  downstreamRemoteAddress: '10.231.0.1:41234',
  durationMs: 3,
};

const text = [
  '[2026-11-24T08:00:12.345Z] "GET /.well-known/acme-challenge/tok-en_1 HTTP/1.1" 200 - via_upstream - "-" 0 87 3 2',
  '"10.231.0.1" "LetsEncrypt-Pebble-VA (linux; amd64)" "4b1ad1a2-6e5b-9d33-8c4e-0a8b8d2f9b11" "a.example.test"',
  '"10.244.0.9:8089" outbound|8089||cm-acme-http-solver-v7mtt.istio-system.svc.cluster.local',
  '10.244.0.5:50000 10.244.0.5:8080 10.231.0.1:41234 - -',
].join(' ');

const json = {
  start_time: '2026-11-24T08:00:12.345Z',
  route_name: null,
  method: 'GET',
  path: '/.well-known/acme-challenge/tok-en_1',
  protocol: 'HTTP/1.1',
  response_code: 200,
  response_flags: '-',
  response_code_details: 'via_upstream',
  duration: 3,
  user_agent: 'LetsEncrypt-Pebble-VA (linux; amd64)',
  authority: 'a.example.test:80',
  upstream_host: '10.244.0.9:8089',
  upstream_cluster: 'outbound|8089||cm-acme-http-solver-v7mtt.istio-system.svc.cluster.local',
  downstream_remote_address: '10.231.0.1:41234',
};

const parse = (line: unknown) =>
  parseAccessLogLine(typeof line === 'string' ? line : JSON.stringify(line), { pod: 'istio-system/gw-1' });

describe('parseAccessLogLine', () => {
  test('reads the JSON and the text encoding alike', () => {
    expect(parse(json)).toEqual(challenge);
    expect(parse(text)).toEqual(challenge);
  });

  test('reads a request that no route matched, and one without a response', () => {
    const { upstream_cluster: _, upstream_host: __, ...rest } = json;
    const unmatched = { ...rest, response_code: 404, response_flags: 'NR', response_code_details: 'route_not_found' };
    expect(parse(unmatched)).toMatchObject({ status: 404, upstreamCluster: null, upstreamHost: null });
    expect(parse({ ...json, response_code: 0, response_flags: 'DC', response_code_details: null })).toMatchObject({
      status: 0,
      responseFlags: 'DC',
      responseCodeDetails: '-',
    });
    const line =
      '[2026-11-24T08:00:00.001Z] "GET / HTTP/2" 404 NR route_not_found - "-" 0 0 0 - "10.0.0.1" "-" "id" "b.example.test:8443" "-" - - 10.0.0.5:8443 10.0.0.1:5 b.example.test default';
    expect(parse(line)).toMatchObject({
      status: 404,
      authority: 'b.example.test:8443',
      upstreamCluster: null,
      userAgent: null,
      routeName: 'default',
      at: '2026-11-24T08:00:00.001Z',
    });
  });

  test('is not misled by quotes in what a client sends', () => {
    const agent = 'x" "forged-id" "forged.example.test" "1.2.3.4:1" outbound|1||forged';
    expect(parse(text.replace('LetsEncrypt-Pebble-VA (linux; amd64)', agent))).toMatchObject({
      authority: 'a.example.test',
      upstreamHost: '10.244.0.9:8089',
      userAgent: agent,
    });
  });

  test.each([
    '',
    '2026-11-24T08:00:00.000000Z\tinfo\tEnvoy proxy is ready',
    '{"level":"info","msg":"ready"}',
    '{"start_time":"2026-11-24T08:00:00.000Z","method":null,"path":null,"response_code":0}',
    '{not json',
    '[2026-11-24T08:00:00.000Z] "- - -" 0 NR filter_chain_not_found - "-" 0 0 0 - "-" "-" "-" "-" "-" - - 10.0.0.5:8443 10.0.0.1:5 - -',
  ])('leaves out %j', (line) => {
    expect(parse(line)).toBeUndefined();
  });

  test('leaves out secrets', () => {
    const entry = parse({
      ...json,
      path: '/?auth=eyJhbGciOiJub25lIn0.eyJDQU5BUlkiOjF9.CANARY',
      user_agent: 'Bearer CANARY',
    });
    expect(entry).toMatchObject({ path: '/?auth=[redacted]', userAgent: 'Bearer [redacted]' });
  });
});

describe('a connection without a request', () => {
  const bytes = '- "-" 0 0 0 - "-" "-" "-" "-" "-" - - 10.244.0.5:8080 10.231.0.1:41234';
  test.each([
    ['bytes that a listener filter refused', `[2026-11-24T08:00:12.345Z] "- - -" 0 - - ${bytes} - -`, true],
    ['a server name without a filter chain', `[2026-11-24T08:00:12.345Z] "- - -" 0 NR f ${bytes} a.test -`, true],
    ['JSON', JSON.stringify({ ...json, method: null, path: null, response_code: 0 }), true],
    ['a request', text, false],
    ['a request in JSON with an unusual key for the path', JSON.stringify({ ...json, path: null, where: '/' }), false],
    ['a message of the proxy', '2026-11-24T08:00:12.345Z\tinfo\tEnvoy proxy is ready', false],
  ])('%s', (_, line, expected) => {
    expect(isConnectionWithoutRequest(line)).toBe(expected);
  });
});
