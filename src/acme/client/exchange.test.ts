import { expect, test } from 'vitest';
import { recordExchange } from './exchange.ts';
import { bindExternalAccount, createSigningKey, signJws } from './signing-key.ts';
import type { HttpAnswer } from './transport.ts';

const url = 'https://ca.test/new-account';
const answer: HttpAnswer = {
  status: 201,
  headers: { 'content-type': ['application/json'], 'set-cookie': ['a=b'] },
  body: '',
};

async function record(payload: unknown, more: Partial<HttpAnswer> = {}) {
  const key = await createSigningKey('ES256');
  const jws = await signJws(key, { alg: 'ES256', jwk: key.publicJwk, nonce: 'n', url }, JSON.stringify(payload));
  const headers = { 'content-type': 'application/jose+json' };
  return {
    key,
    exchange: recordExchange({ method: 'POST', url, headers, body: JSON.stringify(jws) }, { ...answer, ...more }),
  };
}

test('header and payload are recorded decoded, the key and the signature are not', async () => {
  const { exchange } = await record({ onlyReturnExisting: true });
  expect(exchange.sent).toEqual({
    protected: { alg: 'ES256', jwk: '[redacted]', nonce: 'n', url },
    payload: { onlyReturnExisting: true },
    signature: '[redacted]',
  });
  expect(exchange.headers).toEqual({ 'content-type': ['application/json'] });
});

test('a binding is left out, in the request and in the account', async () => {
  const key = await createSigningKey('ES256');
  const binding = await bindExternalAccount({ kid: 'kid', macKey: Buffer.alloc(32, 1) }, key, url);
  const body = JSON.stringify({ status: 'valid', key: key.publicJwk, externalAccountBinding: binding });
  const { exchange } = await record({ externalAccountBinding: binding }, { body });
  expect(exchange.sent).toMatchObject({ payload: { externalAccountBinding: '[redacted]' } });
  expect(exchange.body).toBe('{"status":"valid","key":"[redacted]","externalAccountBinding":"[redacted]"}');
  expect(JSON.stringify(exchange)).not.toContain(binding.signature);
});

test('the inner JWS of a key change is recorded like the outer one', async () => {
  const { key } = await record({});
  const inner = await signJws(
    key,
    { alg: 'ES256', jwk: key.publicJwk, url },
    JSON.stringify({ account: url, oldKey: key.publicJwk }),
  );
  const { exchange } = await record(inner);
  expect(exchange.sent).toMatchObject({
    payload: {
      protected: { jwk: '[redacted]', url },
      payload: { account: url, oldKey: '[redacted]' },
      signature: '[redacted]',
    },
  });
});

test('a long body is truncated, and a body that is not JSON is kept unchanged', async () => {
  expect((await record({}, { body: '<html>' })).exchange.body).toBe('<html>');
  expect((await record({}, { body: 'x'.repeat(10_000) })).exchange.body).toHaveLength(4096);
});
