import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { dnsUpdatesOf } from './dns-update-options.ts';

const folder = mkdtempSync(join(tmpdir(), 'padlock-dns-update-'));
afterAll(() => rmSync(folder, { recursive: true }));

const domain = 'padlock.example.com';
const dnsUpdateKey = join(folder, 'key');
writeFileSync(join(folder, 'secret-alone'), 'c2VjcmV0\n');
writeFileSync(dnsUpdateKey, 'key "acme" { algorithm hmac-sha256; secret "c2VjcmV0"; };\n');

test('without its options nothing solves DNS-01', async () => {
  expect(await dnsUpdatesOf({ domain })).toBeUndefined();
});

test.each([
  ['192.0.2.53', '192.0.2.53:53'],
  ['192.0.2.53:5353', '192.0.2.53:5353'],
  ['2001:db8::53', '[2001:db8::53]:53'],
  ['[2001:db8::53]:5353', '[2001:db8::53]:5353'],
  ['ns.example.com', 'ns.example.com:53'],
])('takes %s as %s, as cert-manager wants it', async (dnsUpdateServer, nameServer) => {
  const updates = await dnsUpdatesOf({ domain, dnsUpdateServer, dnsUpdateKey });
  expect(updates).toEqual({ nameServer, keyName: 'acme', algorithm: 'HMACSHA256', secret: 'c2VjcmV0' });
});

const dnsUpdateServer = '192.0.2.53';

test.each([
  [{ domain, dnsUpdateServer }, 'DNS-01 needs both --dns-update-server and --dns-update-key.'],
  [{ domain, dnsUpdateKey }, 'DNS-01 needs both --dns-update-server and --dns-update-key.'],
  [{ dnsUpdateServer, dnsUpdateKey }, '--dns-update-server needs --domain'],
  [{ domain, dnsUpdateKey, dnsUpdateServer: 'tcp://ns' }, 'tcp://ns is neither an address nor a host name'],
  [{ domain, dnsUpdateKey, dnsUpdateServer: 'ns:70000' }, 'ns:70000 is neither'],
  [{ domain, dnsUpdateServer, dnsUpdateKey: join(folder, 'none') }, 'none: no such file or folder (ENOENT).'],
  [{ domain, dnsUpdateServer, dnsUpdateKey: join(folder, 'secret-alone') }, "not a TSIG key in BIND's syntax"],
])('refuses %o in a sentence', async (options, sentence) => {
  await expect(dnsUpdatesOf(options)).rejects.toThrow(sentence);
});
