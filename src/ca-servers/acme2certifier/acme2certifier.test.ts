import { expect, test } from 'vitest';
import type { CaServerPlace } from '../ca-server.ts';
import { acme2certifier, setUpAcme2certifier } from './acme2certifier.ts';

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

test('issues by its openssl handler, and asks the name server', async () => {
  const { files, arguments: args, environment, issuingRoots } = await setUpAcme2certifier(place);
  const contentOf = (name: string) => files.find((file) => file.name === name)?.content ?? '';
  expect(args.join(' ')).toContain('--bind 127.0.0.1:14000');
  expect(args.join(' ')).toContain('--certfile /run/ca/directory.crt --keyfile /run/ca/directory.key');
  expect(contentOf('acme_srv.cfg')).toContain('dns_server_list: ["127.0.0.1"]\n');
  expect(contentOf('acme_srv.cfg')).toContain('issuing_ca_key: /run/ca/intermediate.key\n');
  // Without a list in it, its handler fails to revoke.
  expect(contentOf('crl.pem')).toContain('BEGIN X509 CRL');
  expect(environment).toMatchObject({ ACME_HTTP_PORT: '5002', ACME_TLS_PORT: '5001', ACME_DNS_PORT: '5353' });
  expect(issuingRoots).toEqual([contentOf('root.crt')]);
  expect(files.filter(({ isSecret }) => isSecret).map(({ name }) => name)).toEqual([
    'intermediate.key',
    'directory.key',
  ]);
});

test('keeps the ports of the RFCs and the resolver of the system', async () => {
  const standard = { ...place, http01Port: 80, tlsAlpn01Port: 443, nameServer: null };
  const { files, environment } = await setUpAcme2certifier(standard);
  expect(Object.keys(environment).filter((name) => name.startsWith('ACME_'))).toEqual(['ACME_SRV_CONFIGFILE']);
  expect(files.find(({ name }) => name === 'acme_srv.cfg')?.content).not.toContain('dns_server_list');
});

test('reads the time of the log of gunicorn', () => {
  const line = '[2026-11-28 10:00:00 +0000] [12] [INFO] Booting worker with pid: 13';
  expect(acme2certifier.timeOfLogLine(line)).toBe('2026-11-28T10:00:00.000Z');
  expect(acme2certifier.timeOfLogLine('Traceback')).toBeNull();
});
