import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fieldBehaviours } from '../acme/deviations/field-behaviours.ts';
import { type Reaction, stagedPatterns } from '../acme/runner/field-incompatibilities.ts';
import { certManagerVersion } from '../components/index.ts';
import { type ClientResults, clientResultsSchema, clientsPage } from './client-table.ts';
import { acmeClients } from './clients.ts';
import { metDeviations } from './met-deviations.ts';

const docs = join(import.meta.dirname, '..', '..', 'docs');
const measured = clientResultsSchema.parse(JSON.parse(readFileSync(join(docs, 'clients.json'), 'utf8')));

const trial = { client: 'a', deviation: 'x', said: '', hammers: false, requests: 10, seconds: 1 };
const results: ClientResults = {
  ...{ date: '2026-11-28', ca: 'Pebble 2', clients: [{ id: 'a', title: 'A', version: '1' }] },
  deviations: ['x', 'y'].map((name) => ({ name, describes: 'It is wrong.', rfc: 8555, section: '7.1' })),
  fieldBehaviours: [{ name: 'z', describes: 'It was seen.', rfc: 8555, section: '6.6' }],
  trials: [
    { ...trial, outcome: 'clear', said: 'the `order` | failed', hammers: true, requests: 99 },
    { ...trial, deviation: 'y', outcome: 'issued' },
    { ...trial, deviation: 'z', outcome: 'issued' },
  ],
};

test('shows what a client does not survive, in its own words, and names the rest', () => {
  const page = clientsPage(results);
  expect(page).toContain('| `x`: It is wrong. | 8555 7.1 | fails, clear, **hammers** (99) |');
  expect(page).toContain("- A: `` the 'order' | failed ``");
  expect(page).toContain('## Deviations that all clients survive\n\n`y`');
  // Outside of the counts.
  expect(page).toContain('| issued | 1 |');
  expect(page).toContain('| `z`: It was seen. | 8555 6.6 | issued |');
});

test('a client that issues and hammers does not survive', () => {
  const hammering = { ...results, trials: results.trials.map((one) => ({ ...one, outcome: 'issued' as const })) };
  expect(clientsPage(hammering)).toContain('| issued, **hammers** (99) |');
});

test('the page in docs is of its data', () => {
  expect(readFileSync(join(docs, 'clients.md'), 'utf8')).toBe(clientsPage(measured));
});

/** The machine was too busy to measure it. `npm run clients -- --missing` does. */
const notMeasured = ['field-refused-and-issued cert-manager'];

test('the data in docs are of these clients and of every deviation', () => {
  const programs = acmeClients.map(({ id, version }) => ({ id, version }));
  expect(measured.clients.map(({ id, version }) => ({ id, version }))).toEqual([
    ...programs,
    { id: 'cert-manager', version: certManagerVersion },
  ]);
  expect(measured.deviations.map(({ name }) => name)).toEqual(metDeviations.map(({ name }) => name));
  expect(measured.fieldBehaviours.map(({ name }) => name)).toEqual(fieldBehaviours.map(({ name }) => name));
  const met = [...metDeviations, ...fieldBehaviours].flatMap(({ name }) =>
    measured.clients.map(({ id }) => `${name} ${id}`),
  );
  expect(measured.trials.map(({ deviation, client }) => `${deviation} ${client}`)).toEqual(
    met.filter((one) => !notMeasured.includes(one)),
  );
});

const reactions: Readonly<Record<string, Reaction>> = {
  issued: 'issues',
  wrong: 'takes it',
  clear: 'fails clearly',
  unclear: 'fails unclearly',
  hangs: 'hangs',
};

test.each(stagedPatterns)('padlock ca says of $staged what the clients did', ({ staged, others }) => {
  const measuredReactions = Object.keys(others).map((client) => {
    const met = measured.trials.find((one) => one.client === client && one.deviation === staged);
    return [client, reactions[met?.outcome ?? '']];
  });
  expect(Object.fromEntries(measuredReactions)).toEqual(others);
});
