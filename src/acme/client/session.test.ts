import { expect, test } from 'vitest';
import { caChecks } from '../catalogue/catalogue.ts';
import { AcmeSession, UnmetNeed } from './session.ts';
import type { HttpRequest, Transport } from './transport.ts';

const directoryUrl = 'https://ca.test/directory';
const newOrder = 'https://ca.test/new-order';
const directory = JSON.stringify({ newNonce: 'https://ca.test/new-nonce', newAccount: 'https://ca.test/new-account' });

/** A CA that takes no nonce at all. */
function refusingNonces() {
  const posted: string[] = [];
  const transport: Transport = {
    async send({ method, url }: HttpRequest) {
      if (method !== 'POST') return { status: 200, headers: { 'replay-nonce': ['a'] }, body: directory };
      posted.push(url);
      const headers = { 'content-type': ['application/problem+json'], 'replay-nonce': [`nonce${posted.length}`] };
      return { status: 400, headers, body: JSON.stringify({ type: 'urn:ietf:params:acme:error:badNonce' }) };
    },
  };
  const session = new AcmeSession({ directoryUrl, transport, userAgent: 'test', domain: 'ca.test' });
  return { session, posted };
}

test('ten refused nonces in a row do not count as a refusal of the request', async () => {
  const { session, posted } = refusingNonces();
  const by = await session.key('any');
  const answer = session.post({ url: newOrder, by, payload: { notAfter: 'no date' } });
  await expect(answer).rejects.toThrow(UnmetNeed);
  await expect(answer).rejects.toThrow('refused 10 good nonces in a row: 400 badNonce');
  expect(posted).toHaveLength(10);
});

test('if the first use of a nonce is refused, its second use proves nothing', async () => {
  const { session, posted } = refusingNonces();
  const check = caChecks.find(({ id }) => id === 'replayed-nonce');
  await expect(check?.run(session)).rejects.toThrow('accepted none of ten nonces at first use');
  expect(posted).toHaveLength(10);
});

test('an account whose Location is relative has the whole URL', async () => {
  const transport: Transport = {
    async send({ method }: HttpRequest) {
      const headers = { 'replay-nonce': ['a'], 'content-type': ['application/json'] };
      if (method !== 'POST') return { status: 200, headers, body: directory };
      return { status: 201, headers: { ...headers, location: ['/account/1'] }, body: '{"status":"valid"}' };
    },
  };
  const session = new AcmeSession({ directoryUrl, transport, userAgent: 'test', domain: 'ca.test' });
  expect((await session.account()).url).toBe('https://ca.test/account/1');
  // The evidence has what the CA said.
  expect(session.exchanges.at(-1)?.headers.location).toEqual(['/account/1']);
});
