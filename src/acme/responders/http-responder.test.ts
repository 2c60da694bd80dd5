import { Agent, request } from 'undici';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { HttpResponder } from './http-responder.ts';
import { TlsAlpnResponder } from './tls-alpn-responder.ts';

let responder: HttpResponder;
let tls: TlsAlpnResponder;

beforeEach(async () => {
  const anywhere = { address: '127.0.0.1', port: 0 };
  responder = await HttpResponder.start(anywhere);
  tls = await TlsAlpnResponder.start({ ...anywhere, http: responder });
});

afterEach(async () => {
  await tls[Symbol.asyncDispose]();
  await responder[Symbol.asyncDispose]();
});

async function get(host: string, path: string): Promise<{ readonly status: number; readonly body: string }> {
  const { statusCode, body } = await request(`http://127.0.0.1:${responder.port}${path}`, {
    headers: { host, 'user-agent': 'a CA' },
  });
  return { status: statusCode, body: await body.text() };
}

test('a path answers with its content until the content is removed', async () => {
  {
    using _ = responder.put('A.example', '/x', { status: 200, body: 'token.thumbprint' });
    expect(await get('a.example:80', '/x')).toEqual({ status: 200, body: 'token.thumbprint' });
    expect((await get('b.example', '/x')).status).toBe(404);
  }
  expect((await get('a.example', '/x')).status).toBe(404);
});

test('requests are recorded by host', async () => {
  await get('[::1]:5002', '/of-an-address');
  await get('a.example', '/x?y=z');
  expect(responder.requests('a.example')).toMatchObject([
    { path: '/x?y=z', userAgent: 'a CA', from: '127.0.0.1', isTls: false },
  ]);
  expect(responder.requests('::1')).toHaveLength(1);
});

test('the target of a redirect to https has an untrusted certificate', async () => {
  const url = `https://127.0.0.1:${responder.tlsPort}/x`;
  await expect(request(url)).rejects.toThrow(/self-signed/);
  using _ = responder.put('a.example', '/x', { status: 302, headers: { location: 'http://b.example/' }, body: '' });
  const agent = new Agent({ connect: { rejectUnauthorized: false } });
  const { statusCode, headers } = await request(url, { headers: { host: 'a.example' }, dispatcher: agent });
  await agent.destroy();
  expect([statusCode, headers.location]).toEqual([302, 'http://b.example/']);
  expect(responder.requests('a.example')).toMatchObject([{ isTls: true }]);
});

test('an address that the machine does not have is reported in one sentence', async () => {
  await expect(HttpResponder.start({ address: '192.0.2.1', port: 0 })).rejects.toThrow(
    'The HTTP responder cannot listen on 192.0.2.1:0: this machine has no such address.',
  );
});
