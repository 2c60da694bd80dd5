import { access } from 'node:fs/promises';
import { afterEach, expect, onTestFinished, test, vi } from 'vitest';
import { HttpsTransport } from '../../acme/client/transport.ts';
import { textOfOption } from '../../option-file.ts';
import { captureOutput } from '../captured-output-fixture.ts';
import { caServer } from './ca-server.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

test.each(['pebble', 'step-ca'])('%s serves until it is stopped, with the line that tests it', async (id) => {
  const said = captureOutput();
  const stop = new AbortController();
  // Also where an expectation fails: the server must not stay.
  onTestFinished(() => stop.abort());
  const ended = caServer(id, { signal: stop.signal, end: async () => {} });
  await vi.waitFor(() => expect(said.out, `the line of padlock ca; stderr: ${said.err}`).toContain('\n'), 25_000);
  const [, url = '', bundle = ''] =
    /^\.\/padlock ca --directory (\S+) --ca-bundle (\S+) --http-port \d+ /.exec(said.out) ?? [];
  await using transport = new HttpsTransport({ trustedRoots: await textOfOption('--ca-bundle', bundle) });
  const answer = await transport.send({ method: 'GET', url, headers: { 'user-agent': 'padlock/test' } });
  expect([answer.status, JSON.parse(answer.body).newNonce]).toEqual([
    200,
    expect.stringContaining('https://localhost:'),
  ]);
  expect(said.out.includes('--one-at-a-time')).toBe(id === 'step-ca');
  stop.abort();
  expect(await ended).toBe(0);
  await expect(access(bundle)).rejects.toThrow();
});
