import { expect, test } from 'vitest';
import { dynamicUpdates } from './dynamic-updates.ts';
import { updateKey } from './zone.ts';

const server = '192.0.2.53:53';

test('reads the key of an environment that Padlock started', () => {
  const key = updateKey();
  const [, secret] = /secret "([^"]+)"/.exec(key) ?? [];
  expect(dynamicUpdates(server, key)).toEqual({
    nameServer: server,
    keyName: 'padlock-update',
    algorithm: 'HMACSHA256',
    secret,
  });
});

test('reads a key as tsig-keygen writes it, on several lines', () => {
  const key = 'key "acme." {\n\talgorithm hmac-sha512;\n\tsecret "c2VjcmV0LXNlY3JldA==";\n};\n';
  expect(dynamicUpdates(server, key)).toMatchObject({
    keyName: 'acme.',
    algorithm: 'HMACSHA512',
    secret: 'c2VjcmV0LXNlY3JldA==',
  });
});

test('rejects an invalid key and an algorithm that cert-manager does not know, without quoting the secret', () => {
  expect(() => dynamicUpdates(server, 'c2VjcmV0')).toThrow(/^it is not a TSIG key in BIND's syntax/);
  const key = 'key "acme" { algorithm hmac-sha384; secret "c2VjcmV0"; };';
  expect(() => dynamicUpdates(server, key)).toThrow(/^its algorithm is hmac-sha384, and cert-manager's solver knows/);
  expect(() => dynamicUpdates(server, key)).not.toThrow('c2VjcmV0');
});
