import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DnsHook } from './dns-hook.ts';
import { cannotListen, close, listen } from './listen.ts';
import { startResponders } from './start-responders.ts';

const anywhere = { address: '127.0.0.1', port: 0 };
const names = { domains: ['padlock.test'], addresses: ['127.0.0.1'] };

test('starts only the requested responders', async () => {
  await using responders = await startResponders({ http: anywhere, ...names });
  expect(responders.http?.port).toBeGreaterThan(0);
  expect([responders.dns, responders.tlsAlpn]).toEqual([null, null]);
});

test('if one cannot listen, none keeps running', async () => {
  const taken = createServer();
  const port = await listen(taken, 'test', anywhere);
  const free = createServer();
  const freePort = await listen(free, 'test', anywhere);
  await close(free);
  const request = { http: { ...anywhere, port: freePort }, tlsAlpn: { ...anywhere, port }, ...names };
  await expect(startResponders(request)).rejects.toThrow(/^The TLS responder cannot listen on 127\.0\.0\.1:/);
  const again = createServer();
  expect(await listen(again, 'test', { ...anywhere, port: freePort })).toBe(freePort);
  await Promise.all([close(taken), close(again)]);
});

test('a privileged port is reported in one sentence', () => {
  const refused = Object.assign(new Error('listen EACCES'), { code: 'EACCES' });
  expect(cannotListen('HTTP responder', { address: '::', port: 80 }, refused).message).toBe(
    'The HTTP responder cannot listen on [::]:80: this user may not listen there; run as root, or choose a port from 1024 on.',
  );
});

test('a hook makes TXT records and nothing else, and says why it failed', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'padlock-hook-'));
  const program = join(folder, 'hook');
  const log = join(folder, 'log');
  await writeFile(program, `#!/bin/sh\necho "$@" >> ${log}\n[ "$2" != broken ] || { echo no zone >&2; exit 3; }\n`, {
    mode: 0o755,
  });
  const hook = new DnsHook(program);
  {
    await using _ = await hook.set('_acme-challenge.a', 'TXT', ['one', 'two']);
  }
  expect(await readFile(log, 'utf8')).toBe('set-txt _acme-challenge.a one two\nunset-txt _acme-challenge.a\n');
  await expect(hook.set('a', 'CAA', ['x'])).rejects.toThrow(/makes only TXT records/);
  await expect(hook.fail()).rejects.toThrow(/give --dns/);
  await expect(hook.set('broken', 'TXT', ['x'])).rejects.toThrow(/set-txt broken x ended with 3: no zone\.$/);
  // It may have made half of it.
  expect((await readFile(log, 'utf8')).split('\n').at(-2)).toBe('unset-txt broken');
  await rm(folder, { recursive: true });
});
