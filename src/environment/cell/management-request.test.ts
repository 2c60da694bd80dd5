import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:https';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createServerChain, listening, type ServerChain } from '../../evidence/probes/probe-server-fixture.ts';
import { programFile } from '../../program-file.ts';

const host = 'ca.example.test';
let chain: ServerChain;
let server: Awaited<ReturnType<typeof listening>>;
beforeAll(async () => {
  chain = await createServerChain(host);
  const tls = { key: chain.leafKey, cert: `${chain.leaf}\n${chain.intermediate}` };
  // As Pebble does.
  const refusing = createServer(tls, async (request, response) => {
    const said = await text(request);
    response.statusCode = request.headers['user-agent'] === undefined || said !== 'the body' ? 400 : 200;
    if (request.url === '/elsewhere') response.statusCode = 404;
    response.end('no such certificate');
  });
  server = await listening(refusing);
});
afterAll(() => server[Symbol.asyncDispose]());

async function ask(path: string, ca = chain.root): Promise<string> {
  const request = spawn(process.execPath, [programFile(import.meta.dirname, 'management-request')]);
  request.stdin.end(JSON.stringify({ address: '127.0.0.1', port: server.port, host, ca, path, body: 'the body' }));
  const [said] = await Promise.all([text(request.stdout), once(request, 'exit')]);
  return said;
}

test('a request names its agent, without which a CA refuses it', async () => {
  expect(await ask('/set-renewal-info/')).toBe('200');
});

test('what the CA refuses comes with its words', async () => {
  expect(await ask('/elsewhere')).toBe('404 no such certificate');
});

test('a server that another root signed is not asked', async () => {
  const { root } = await createServerChain(host);
  expect(await ask('/set-renewal-info/', root)).toMatch(/certificate/);
});
