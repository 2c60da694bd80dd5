import { X509Certificate } from 'node:crypto';
import { expect, test } from 'vitest';
import type { CaServerPlace } from '../ca-server.ts';
import { setUpStepCa, stepCa } from './step-ca.ts';

const place: CaServerPlace = {
  folder: '/run/ca',
  listenAddress: '0.0.0.0',
  host: 'acme.padlock.test',
  directoryPort: 443,
  managementPort: 15000,
  identity: { certificate: 'a certificate', privateKey: 'its key', root: 'its root' },
  nameServer: '10.231.7.6:53',
  http01Port: 80,
  tlsAlpn01Port: 443,
};

test('issues through an intermediate of its own root, for the host of its directory', async () => {
  const { files, directoryRoot, issuingRoots } = await setUpStepCa(place);
  const contentOf = (name: string) => files.find((file) => file.name === name)?.content ?? '';
  const configuration = JSON.parse(contentOf('ca.json'));
  expect(configuration).toMatchObject({ address: '0.0.0.0:443', dnsNames: ['acme.padlock.test'] });
  expect(configuration.authority.provisioners).toEqual([{ type: 'ACME', name: 'acme' }]);
  expect([configuration.root, configuration.key]).toEqual(['/run/ca/root.crt', '/run/ca/intermediate.key']);
  const [root, intermediate] = ['root.crt', 'intermediate.crt'].map((name) => new X509Certificate(contentOf(name)));
  expect(root && intermediate?.verify(root.publicKey)).toBe(true);
  expect([directoryRoot, issuingRoots]).toEqual([contentOf('root.crt'), [contentOf('root.crt')]]);
  expect(files.filter(({ isSecret }) => isSecret).map(({ name }) => name)).toEqual(['intermediate.key']);
});

test('lets orders of an environment ask for 90 days, and names that as a setting', async () => {
  const { files } = await stepCa.setUp(place);
  const configuration = JSON.parse(files.find(({ name }) => name === 'ca.json')?.content ?? '');
  expect(configuration.authority.provisioners[0].claims).toEqual({ maxTLSCertDuration: '2160h' });
  expect(stepCa.settings['claims.maxTLSCertDuration']).toBe('2160h');
});

test.each([
  [{}, ['--resolver', '10.231.7.6:53', '/run/ca/ca.json']],
  [{ nameServer: null }, ['/run/ca/ca.json']],
  [
    { nameServer: null, http01Port: 5002, tlsAlpn01Port: 5001 },
    ['--insecure', '--acme-http-port', '5002', '--acme-tls-port', '5001', '/run/ca/ca.json'],
  ],
])('at %j it is started with %j', async (change, expected) => {
  expect((await setUpStepCa({ ...place, ...change })).arguments).toEqual(expected);
});

test('reads the time of both formats of its log', () => {
  const json = '{"duration":"1ms","level":"info","status":201,"time":"2026-11-27T14:00:00Z","name":"ca"}';
  expect(stepCa.timeOfLogLine(json)).toBe('2026-11-27T14:00:00.000Z');
  const expected = new Date(2026, 10, 27, 14, 0, 0).toISOString();
  expect(stepCa.timeOfLogLine('2026/11/27 14:00:00 Serving HTTPS on :443 ...')).toBe(expected);
  expect(stepCa.timeOfLogLine('badger 2026 INFO: All 0 tables opened')).toBeNull();
});
