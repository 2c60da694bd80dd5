import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseSolverLogLine } from './solver-log-line.ts';

const source = { pod: 'istio-system/cm-acme-http-solver-abcde', at: '2026-11-27T23:40:32.459Z' };
const rest = 'base_path="/.well-known/acme-challenge" token="tok"';
/** As the solver of cert-manager 1.21 wrote it. */
const line = (words: string, headers: string) =>
  `I1127 23:40:32.459975    1800 solver.go:112] "${words}" logger="cert-manager" host="a.test" path="/.well-known/acme-challenge/tok" ${rest} headers=${headers}`;
const success = 'got successful challenge request, writing key';

test('reads a request that got the key, with the headers of Envoy', () => {
  const headers = String.raw`{"Accept":["*/*"],"User-Agent":["Mozilla/5.0 (compatible; \"LE\" test)"],"X-Envoy-Attempt-Count":["1"]}`;
  expect(parseSolverLogLine(line(success, headers), source)).toEqual({
    ...source,
    host: 'a.test',
    path: '/.well-known/acme-challenge/tok',
    userAgent: 'Mozilla/5.0 (compatible; "LE" test)',
    throughEnvoy: true,
  });
});

test('sees that no Envoy was on the way, and that there was no user agent', () => {
  expect(parseSolverLogLine(line(success, '{"Accept":["*/*"]}'), source)).toMatchObject({
    userAgent: null,
    throughEnvoy: false,
  });
  expect(parseSolverLogLine(line(success, 'map[Accept:[*/*]]'), source)).toMatchObject({ throughEnvoy: false });
});

test('ignores all other lines, which may contain the key', () => {
  expect(parseSolverLogLine(line('comparing token', '{}'), source)).toBeUndefined();
  const listening = '"starting listener" expected_domain="a.test" expected_token="tok" expected_key="key"';
  expect(parseSolverLogLine(listening, source)).toBeUndefined();
  expect(parseSolverLogLine(`"${success}"`, source)).toBeUndefined();
});

test('no line throws', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (before, headers) => {
      parseSolverLogLine(`${before}"${success}" host="${before}" path="${headers}" headers={${headers}}`, source);
    }),
  );
});
