import { expect, test } from 'vitest';
import { addressUpdate, aliasUpdate, nameServerConfiguration, updateKey, zoneFile } from './zone.ts';

test('makes a new TSIG key of 256 bits each time', () => {
  const secret = /^key "padlock-update" \{ algorithm hmac-sha256; secret "([^"]+)"; \};\n$/.exec(updateKey())?.[1];
  expect(Buffer.from(secret ?? '', 'base64')).toHaveLength(32);
  expect(updateKey()).not.toBe(updateKey());
});

test('serves the domain with authority, and lets only the key change it', () => {
  const text = nameServerConfiguration();
  expect(text).toContain('recursion no;');
  expect(text).toContain('allow-transfer { none; };');
  expect(text).toMatch(
    /zone "padlock\.test" \{[^}]*type primary;[^}]*update-policy \{ grant padlock-update zonesub ANY;/,
  );
});

test('names the CA and the name server in the zone, and lets nothing be remembered', () => {
  const text = zoneFile('10.231.7.6');
  expect(text).toMatch(/^\$TTL 0\n/);
  // RFC 2308 section 4: the last number of the SOA record is the TTL of negative answers.
  expect(text).toMatch(/^@ IN SOA ns\.padlock\.test\. \S+ .* 0$/m);
  expect(text).toMatch(/^ns IN A 10\.231\.7\.6$/m);
  expect(text).toMatch(/^acme IN A 10\.231\.7\.6$/m);
});

test('replaces the addresses of a host in one update, by their families', () => {
  expect(addressUpdate('shop.padlock.test', ['10.231.7.65', 'fd00::1'], '10.231.7.6')).toBe(`server 10.231.7.6
zone padlock.test
update delete shop.padlock.test. A
update delete shop.padlock.test. AAAA
update add shop.padlock.test. 0 A 10.231.7.65
update add shop.padlock.test. 0 AAAA fd00::1
send
`);
});

test('removes a host by an update without addresses', () => {
  expect(addressUpdate('shop.padlock.test', [], '10.231.7.6')).not.toContain('update add');
});

test('makes a name an alias in place of an earlier one, and removes it', () => {
  const name = '_acme-challenge.shop.padlock.test';
  expect(aliasUpdate(name, 'shop.delegated.padlock.test', '10.231.7.6')).toBe(`server 10.231.7.6
zone padlock.test
update delete ${name}. CNAME
update add ${name}. 0 CNAME shop.delegated.padlock.test.
send
`);
  expect(aliasUpdate(name, null, '10.231.7.6')).not.toContain('update add');
});
