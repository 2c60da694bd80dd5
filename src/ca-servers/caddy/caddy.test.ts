import { expect, test } from 'vitest';
import type { CaServerPlace } from '../ca-server.ts';
import { caddy, setUpCaddy } from './caddy.ts';

const place: CaServerPlace = {
  folder: '/run/ca',
  listenAddress: '127.0.0.1',
  host: 'localhost',
  directoryPort: 14000,
  managementPort: 15000,
  identity: { certificate: 'a certificate', privateKey: 'its key', root: 'its root' },
  nameServer: '127.0.0.1:5353',
  http01Port: 5002,
  tlsAlpn01Port: 5001,
};

test('serves its ACME server for the host of the directory, with the identity that it is given', async () => {
  const { files, arguments: args, directoryRoot, issuingRoots } = await setUpCaddy(place);
  const contentOf = (name: string) => files.find((file) => file.name === name)?.content ?? '';
  expect(args).toEqual(['run', '--config', '/run/ca/caddy.json']);
  const { apps } = JSON.parse(contentOf('caddy.json'));
  expect(apps.http.servers.acme.listen).toEqual(['127.0.0.1:14000']);
  expect(apps.http.servers.acme.routes[0].match).toEqual([{ host: ['localhost'] }]);
  expect([contentOf('directory.crt'), contentOf('directory.key')]).toEqual(['a certificate', 'its key']);
  expect([directoryRoot, issuingRoots]).toEqual(['its root', [contentOf('root.crt')]]);
  expect(files.filter(({ isSecret }) => isSecret).map(({ name }) => name)).toEqual([
    'intermediate.key',
    'directory.key',
  ]);
});

test.each([
  [{}, { ACME_HTTP_PORT: '5002', ACME_TLS_PORT: '5001', ACME_NAME_SERVER: '127.0.0.1:5353' }],
  [{ http01Port: 80, tlsAlpn01Port: 443, nameServer: null }, {}],
])('at %j its validation is told %j', async (change, expected) => {
  const { environment } = await setUpCaddy({ ...place, ...change });
  const { HOME, XDG_DATA_HOME, XDG_CONFIG_HOME, ...validation } = environment;
  expect([HOME, XDG_DATA_HOME, XDG_CONFIG_HOME]).toEqual(['/run/ca', '/run/ca', '/run/ca']);
  expect(validation).toEqual(expected);
});

test('reads the time of its log', () => {
  expect(caddy.timeOfLogLine('{"level":"info","ts":1795860000.5,"msg":"x"}')).toBe('2026-11-28T10:00:00.500Z');
  expect(caddy.timeOfLogLine('no JSON')).toBeNull();
});
