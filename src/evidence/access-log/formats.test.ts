import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseAccessLogLine } from './access-log-line.ts';
import { fieldsFormat, jsonFormat, presets, textFormat } from './formats.ts';
import type { AccessLogFormat } from './log-field.ts';

const pod = 'gw/one';
const token = '/.well-known/acme-challenge/tok-en_1';
const solver = 'outbound|8089||cm-acme-http-solver-c4ch9.istio-system.svc.cluster.local';
const agent = "Mozilla/5.0 (compatible; Let's Encrypt validation server; +https://www.letsencrypt.org)";

const challenge = {
  at: '2026-11-24T08:00:12.345Z',
  method: 'GET',
  path: token,
  authority: 'a.example.test',
  status: 200,
  upstreamCluster: solver,
  userAgent: agent,
};

/** A line as the gateways of Alibaba Cloud Service Mesh write it. */
const asmLine = JSON.stringify({
  bytes_received: '0',
  upstream_local_address: '-',
  downstream_remote_address: '3.120.130.29:41234',
  x_forwarded_for: '3.120.130.29',
  path: token,
  istio_policy_status: '-',
  response_code: '200',
  upstream_service_time: '1',
  authority_for: 'a.example.test',
  start_time: '2026-11-24T08:00:12.345Z',
  user_agent: agent,
  upstream_cluster: solver,
  duration: '1',
  method: 'GET',
  response_flags: '-',
});

const read = (line: string, ...formats: AccessLogFormat[]) => parseAccessLogLine(line, { pod, formats });

test('reads the lines of Alibaba Cloud Service Mesh, with the preset and without it', () => {
  expect(read(asmLine, presets.asm as AccessLogFormat)).toMatchObject({ ...challenge, responseCodeDetails: '-' });
  expect(read(asmLine)).toMatchObject(challenge);
});

test('reads a text format of a user, with a strftime time and the statistics name of the cluster', () => {
  const format = textFormat(
    'mine',
    '%START_TIME(%d/%b/%Y:%H:%M:%S.%3f %z)% host=%REQ(:AUTHORITY)% "%REQ(:METHOD)% %REQ(:PATH)%" %RESPONSE_CODE% to=%UPSTREAM_CLUSTER% ua="%REQ(USER-AGENT)%" 100%%\n',
  );
  const line = `24/Nov/2026:09:00:12.345 +0100 host=a.example.test:80 "GET ${token}" 200 to=${solver}; ua="${agent}" 100%`;
  expect(read(line, format)).toMatchObject(challenge);
});

test('reads a JSON format of a user with nested keys and several operators in one value', () => {
  const format = jsonFormat('mine', {
    when: '%START_TIME(%s.%3f)%',
    http: { request: '%REQ(:METHOD)% %REQ(X-ENVOY-ORIGINAL-PATH?:PATH)% %PROTOCOL%', code: '%RESPONSE_CODE%' },
    vhost: '%REQ(:AUTHORITY)%',
    to: '%UPSTREAM_CLUSTER_RAW%',
    client: '%REQ(USER-AGENT)%',
    fixed: 'gateway-1',
  });
  const line = JSON.stringify({
    when: '1795507212.345',
    http: { request: `GET ${token} HTTP/1.1`, code: 200 },
    vhost: 'a.example.test',
    to: solver,
    client: agent,
    fixed: 'gateway-1',
  });
  expect(read(line, format)).toMatchObject(challenge);
});

test('reads JSON by given keys, and by usual ones', () => {
  const given = fieldsFormat('given', {
    path: 'p',
    status: 's',
    host: 'h',
    userAgent: 'u',
    upstreamCluster: 'c',
    time: 't',
  });
  const line = { p: token, s: '200', h: 'a.example.test', u: agent, c: solver, t: challenge.at };
  expect(read(JSON.stringify(line), given)).toMatchObject({ ...challenge, method: '-' });
  const usual = {
    '@timestamp': challenge.at,
    http: { method: 'GET', host: 'a.example.test', status_code: 200, path: token, userAgent: 'x' },
    userAgent: agent,
    upstreamCluster: solver,
  };
  expect(read(JSON.stringify(usual))).toMatchObject({ ...challenge, userAgent: agent });
});

test('takes the time of the line less the duration if the format has no start', () => {
  const format = textFormat('mine', '%REQ(:AUTHORITY)%%REQ(:PATH)% %RESPONSE_CODE% %DURATION%');
  const entry = parseAccessLogLine(`a.example.test${token} 200 345`, {
    pod,
    formats: [format],
    writtenAt: '2026-11-24T08:00:12.690Z',
  });
  expect(entry).toMatchObject({ at: challenge.at, path: token, status: 200, durationMs: 345 });
  expect(read(`a.example.test${token} 200 345`, format)).toBeUndefined();
});

test('gives up on a line that a hostile client made ambiguous', () => {
  const line = `"${'" "'.repeat(3000)}"`;
  const started = performance.now();
  expect(read(line, textFormat('mine', Array(8).fill('"%REQ(USER-AGENT)%"').join(' ')))).toBeUndefined();
  expect(performance.now() - started).toBeLessThan(2000);
});

const operators = [
  '%START_TIME%',
  '%START_TIME(%s)%',
  '%REQ(:AUTHORITY)%',
  '%REQ(:PATH)%',
  '%RESPONSE_CODE%',
  '%REQ(USER-AGENT):20%',
  '%UPSTREAM_CLUSTER%',
  '%PROTOCOL%',
  '%DYNAMIC_METADATA(a:b)%',
  '%DURATION%',
];

test('no line and no format throws', () => {
  const formatText = fc
    .array(fc.oneof(fc.constantFrom(...operators), fc.string({ maxLength: 5 }), fc.constantFrom(' ', '"', '%', '|')))
    .map((parts) => parts.join(''));
  const line = fc.oneof(
    fc.string({ maxLength: 300 }),
    fc.string({ unit: 'binary', maxLength: 300 }),
    fc.json({ maxDepth: 4 }),
    fc
      .dictionary(fc.constantFrom('path', 'response_code', 'authority', 'start_time', 'duration'), fc.jsonValue())
      .map((each) => JSON.stringify(each)),
  );
  const presetFormats = Object.values(presets);
  fc.assert(
    fc.property(formatText, line, fc.dictionary(fc.string(), formatText), (format, text, labels) => {
      const formats = [textFormat('fuzz', format), jsonFormat('fuzz', labels), ...presetFormats];
      const entry = parseAccessLogLine(text, { pod, formats, writtenAt: '2026-11-24T08:00:12.690Z' });
      if (entry !== undefined) {
        expect(Number.isInteger(entry.status)).toBe(true);
        expect(new Date(entry.at).toISOString()).toBe(entry.at);
      }
    }),
    { numRuns: 1000 },
  );
});

test('what Envoy writes by a format is read by it', () => {
  const word = fc.stringMatching(/^[a-z0-9][a-z0-9.-]{0,20}$/);
  fc.assert(
    fc.property(
      word,
      word,
      fc.integer({ min: 100, max: 599 }),
      fc.string({ maxLength: 40 }),
      (host, path, status, ua) => {
        fc.pre(!/[\r\n]/.test(ua) && ua !== '-' && ua !== '');
        const format = textFormat(
          'mine',
          '[%START_TIME%] %REQ(:AUTHORITY)% %REQ(:PATH)% %RESPONSE_CODE% "%REQ(USER-AGENT)%" %DURATION%',
        );
        const fields = format.read(`[2026-11-24T08:00:12.345Z] ${host} /${path} ${status} "${ua}" 7`);
        expect(fields).toMatchObject({ host, status: String(status), duration: '7' });
      },
    ),
  );
});
