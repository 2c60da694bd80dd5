import { expect, test } from 'vitest';
import { decided } from './authorization.ts';
import { AcmeSession } from './session.ts';
import { createSigningKey } from './signing-key.ts';

const error = { type: 'urn:ietf:params:acme:error:connection', detail: 'no route' };

/** An account at a CA whose authorization is read as these objects in turn, the last one again and again. */
async function reading(objects: readonly object[]) {
  const [url, newNonce] = ['https://ca.test/authorization', 'https://ca.test/new-nonce'];
  let reads = 0;
  const session = new AcmeSession({
    ...{ directoryUrl: 'https://ca.test/directory', userAgent: 'padlock/test', domain: 'padlock.test' },
    wait: async () => {},
    transport: {
      async send(request) {
        const headers = { 'replay-nonce': ['bm9uY2U'] };
        if (request.url !== url) return { status: 200, headers, body: JSON.stringify({ newNonce }) };
        reads += 1;
        return { status: 200, headers, body: JSON.stringify(objects[reads - 1] ?? objects.at(-1)) };
      },
    },
  });
  const key = await createSigningKey('ES256');
  const account = { key, url: 'https://ca.test/account', answer: { status: 201, headers: {}, body: '' } };
  return { decision: () => decided(session, account, url), reads: () => reads };
}

const pending = (...challenges: readonly object[]) => ({ status: 'pending', challenges });

test.each([
  ['is pending with an error', { status: 'pending', error }],
  ['is invalid', { status: 'invalid', error }],
])('a pending authorization whose challenge %s and stays so is decided', async (_, challenge) => {
  const { decision, reads } = await reading([
    pending({ status: 'pending' }),
    pending({ status: 'pending' }, challenge),
  ]);
  expect((await decision()).object.status).toBe('pending');
  expect(reads()).toBe(6);
});

test('an error says nothing while the CA tries again', async () => {
  const trying = pending({ status: 'processing', error });
  const { decision } = await reading([
    ...Array.from({ length: 20 }, () => trying),
    { status: 'valid', challenges: [] },
  ]);
  expect((await decision()).object.status).toBe('valid');
});

test('a pending authorization without an error is waited for', async () => {
  const { decision } = await reading([pending({ status: 'pending' })]);
  await expect(decision()).rejects.toThrow('waited 180 s for a decision on the authorization');
});
