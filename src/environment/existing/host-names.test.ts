import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { hostNames } from './host-names.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'padlock-hook-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function hook(script: string): Promise<string> {
  const file = join(folder, 'hook');
  await writeFile(file, `#!/bin/sh\n${script}\n`);
  await chmod(file, 0o755);
  return file;
}

test('calls the hook to set and to unset', async () => {
  const dnsHook = await hook(`echo "$@" >> ${folder}/calls`);
  const names = hostNames({ domain: 'example.test', dnsHook }, null);
  await names.setAddresses('a.example.test', ['192.0.2.1', '2001:db8::1']);
  await names.setAddresses('a.example.test', []);
  expect(await readFile(join(folder, 'calls'), 'utf8')).toBe(
    'set a.example.test 192.0.2.1 2001:db8::1\nunset a.example.test\n',
  );
  expect(names.anyAddress).toBe(true);
});

test('says what a failed hook wrote last', async () => {
  const dnsHook = await hook('echo first >&2; echo "no such zone" >&2; exit 4');
  const names = hostNames({ domain: 'example.test', dnsHook }, null);
  await expect(names.setAddresses('a.example.test', ['192.0.2.1'])).rejects.toMatchObject({
    exitCode: 3,
    message: `The DNS hook failed: ${dnsHook} set a.example.test 192.0.2.1 ended with 4: no such zone.`,
  });
});

test('says that there is no hook', async () => {
  const names = hostNames({ domain: 'example.test', dnsHook: join(folder, 'none') }, null);
  await expect(names.setAddresses('a.example.test', ['192.0.2.1'])).rejects.toThrow('ended with ENOENT');
});

test('has the address of the gateway in the name', () => {
  expect(hostNames({ addressDomain: 'sslip.io' }, '10.0.0.7')).toMatchObject({
    domain: '10-0-0-7.sslip.io',
    anyAddress: false,
  });
  expect(hostNames({ addressDomain: 'sslip.io' }, '2001:db8::7').domain).toBe('2001-db8--7.sslip.io');
});

test('rejects a name that resolves to another address, and asks nothing if one is missing', async () => {
  const names = hostNames({ domain: 'localhost' }, '192.0.2.9');
  await expect(names.setAddresses('localhost', ['192.0.2.9'])).rejects.toThrow(
    /^localhost does not have the address of the ingress gateway, 192\.0\.2\.9, but .*(127\.0\.0\.1|::1)/,
  );
  await names.setAddresses('localhost', ['127.0.0.1']);
  await names.setAddresses('localhost', []);
});

test('says which options do not go together', () => {
  expect(() => hostNames({}, '192.0.2.9')).toThrow('pass --domain');
  expect(() => hostNames({ domain: 'a', addressDomain: 'b' }, '192.0.2.9')).toThrow('not both');
  expect(() => hostNames({ addressDomain: 'b', dnsHook: '/hook' }, '192.0.2.9')).toThrow('--dns-hook needs --domain');
  expect(() => hostNames({ domain: 'a' }, null)).toThrow('has no IP address');
});
