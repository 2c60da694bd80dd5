import { access } from 'node:fs/promises';
import { afterEach, expect, onTestFinished, test, vi } from 'vitest';
import { HttpsTransport } from '../../acme/client/transport.ts';
import { textOfOption } from '../../option-file.ts';
import { isExhaustive } from '../../test/exhaustive.ts';
import { captureOutput } from '../captured-output-fixture.ts';
import { caServer } from './ca-server.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

/** A server that is only tested may have to be built first. */
const startMs = isExhaustive ? 900_000 : 25_000;
/** Nothing else needs their builds. */
const onlyTested = isExhaustive ? ['caddy', 'acme2certifier'] : [];

test.each(['pebble', 'step-ca', ...onlyTested])(
  '%s serves until it is stopped, with the line that tests it',
  {
    timeout: startMs + 5_000,
  },
  async (id) => {
    const said = captureOutput();
    const stop = new AbortController();
    // Also where an expectation fails: the server must not stay.
    onTestFinished(() => stop.abort());
    const ended = caServer(id, { signal: stop.signal, end: async () => {} });
    await vi.waitFor(() => expect(said.out, `the line of padlock ca; stderr: ${said.err}`).toContain('\n'), startMs);
    const [, url = '', bundle = ''] =
      /^\.\/padlock ca --directory (\S+) --ca-bundle (\S+) --http-port \d+ /.exec(said.out) ?? [];
    await using transport = new HttpsTransport({ trustedRoots: await textOfOption('--ca-bundle', bundle) });
    const answer = await transport.send({ method: 'GET', url, headers: { 'user-agent': 'padlock/test' } });
    expect([answer.status, JSON.parse(answer.body).newNonce]).toEqual([
      200,
      expect.stringContaining('https://localhost:'),
    ]);
    expect(said.out.includes('--one-at-a-time')).toBe(['step-ca', 'caddy'].includes(id));
    stop.abort();
    expect(await ended).toBe(0);
    await expect(access(bundle)).rejects.toThrow();
  },
);
