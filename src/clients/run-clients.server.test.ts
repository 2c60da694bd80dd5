import { expect, test } from 'vitest';
import { deviations } from '../acme/catalogue/catalogue.ts';
import { buildComponents } from '../components/index.ts';
import { acmez } from './acmez.ts';
import { lego } from './lego.ts';
import { readyProgram } from './program-client.ts';
import { runClients, type Trial } from './run-clients.ts';

/** Two clients and their builds, on a machine that may be busy. */
const limitMs = 600_000;

test('clients take a certificate of another key, and survive an error in HTML', { timeout: limitMs }, async () => {
  const signal = AbortSignal.timeout(limitMs);
  const components = await buildComponents({ only: ['pebble', 'acme-clients'], signal, onProgress: () => undefined });
  const seen: Trial[] = [];
  const wanted = ['leaf-for-another-key', 'html-error'];
  await using legoReady = await readyProgram(lego, components, 1);
  await using acmezReady = await readyProgram(acmez, components, 1);
  await runClients({
    clients: [legoReady, acmezReady],
    deviations: deviations.filter(({ name }) => wanted.includes(name)),
    signal,
    onTrial: (trial) => seen.push(trial),
  });
  const said = seen.map(({ client, deviation, outcome }) => `${client} ${deviation} ${outcome}`);
  expect(said.toSorted()).toEqual([
    'acmez html-error issued',
    'acmez leaf-for-another-key wrong',
    'lego html-error issued',
    'lego leaf-for-another-key wrong',
  ]);
});
