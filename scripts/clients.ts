/**
 * Runs ACME clients against the deviations of `padlock deviate` and the behaviours of CAs in the field, and writes docs/clients.json
 * and docs/clients.md: `npm run clients`; with `-- --missing` only what the data lack, with `-- --page` the page alone, with
 * `-- DEVIATION…` some deviations, without writing.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { deviations } from '../src/acme/catalogue/catalogue.ts';
import { fieldBehaviours } from '../src/acme/deviations/field-behaviours.ts';
import { readyCertManager } from '../src/clients/cert-manager.ts';
import type { ReadyClient } from '../src/clients/client-lane.ts';
import { type ClientResults, clientResultsSchema, clientsPage } from '../src/clients/client-table.ts';
import { acmeClients } from '../src/clients/clients.ts';
import { metDeviations } from '../src/clients/met-deviations.ts';
import { readyProgram } from '../src/clients/program-client.ts';
import { runClients, type Trial } from '../src/clients/run-clients.ts';
import { buildComponents, pinnedComponent } from '../src/components/index.ts';
import { messageOf } from '../src/error-message.ts';

const docs = join(import.meta.dirname, '..', 'docs');
const data = join(docs, 'clients.json');
const page = join(docs, 'clients.md');
/** Waits dominate. */
const lanesOfProgram = 5;
const lanesOfCertManager = 20;

const flags = ['--missing', '--page'];
const named = process.argv.slice(2).filter((argument) => !flags.includes(argument));
const onlyMissing = process.argv.includes('--missing');
const interrupted = new AbortController();
process.once('SIGINT', () => interrupted.abort());
if (process.argv.includes('--page')) await writePage(await measured());
else await meet().catch(endedEarly);

async function measured(): Promise<ClientResults> {
  return clientResultsSchema.parse(JSON.parse(await readFile(data, 'utf8')));
}

async function meet(): Promise<void> {
  const all = [...deviations, ...fieldBehaviours];
  const unknown = named.filter((name) => !all.some((one) => one.name === name));
  if (unknown.length > 0) {
    process.stderr.write(`Unknown deviation '${unknown.join("', '")}'. padlock deviate --list lists all.\n`);
    process.exitCode = 2;
    return;
  }
  const wanted =
    named.length === 0 ? [...metDeviations, ...fieldBehaviours] : all.filter(({ name }) => named.includes(name));
  const kept = onlyMissing ? (await measured()).trials : [];
  const components = await buildComponents({
    only: ['pebble', ...new Set(acmeClients.map(({ component }) => component))],
    signal: interrupted.signal,
    onProgress: ({ event, ...rest }) => {
      if (event === 'started') process.stderr.write(`Building ${'id' in rest ? rest.id : ''}.\n`);
    },
  });
  await using started = new AsyncDisposableStack();
  const clients: ReadyClient[] = [];
  for (const program of acmeClients) clients.push(started.use(await readyProgram(program, components, lanesOfProgram)));
  clients.push(started.use(await readyCertManager(components, lanesOfCertManager, interrupted.signal)));
  const trials: Trial[] = [...kept];
  try {
    await runClients({
      ...{ clients, deviations: wanted, signal: interrupted.signal },
      wants: (client, name) => !kept.some((one) => one.client === client && one.deviation === name),
      onTrial(trial) {
        const { client, deviation, outcome, requests, said } = trial;
        const seconds = Math.round(trial.seconds * 10) / 10;
        trials.push({ ...trial, seconds });
        process.stdout.write(
          `${deviation} ${client} ${outcome}${trial.hammers ? ' hammers' : ''} ${requests} requests ${seconds} s ${said}\n`,
        );
      },
    });
  } finally {
    // Also what was measured before a failure: --missing measures the rest.
    if (named.length === 0) await write(trials, clients);
  }
}

async function write(trials: readonly Trial[], clients: readonly ReadyClient[]): Promise<void> {
  const described = (list: typeof metDeviations) =>
    list.map(({ name, describes, rfc, section }) => ({ name, describes, rfc, section }));
  const order = [...metDeviations, ...fieldBehaviours].map(({ name }) => name);
  const place = ({ client, deviation }: Trial) =>
    order.indexOf(deviation) * clients.length + clients.findIndex(({ id }) => id === client);
  const results: ClientResults = {
    date: new Date().toISOString().slice(0, 10),
    ca: `Pebble ${pinnedComponent('pebble').version.replace(/^v/, '')}`,
    clients: clients.map(({ id, title, version }) => ({ id, title, version })),
    deviations: described(metDeviations),
    fieldBehaviours: described(fieldBehaviours),
    trials: trials
      .filter(({ deviation }) => order.includes(deviation))
      .toSorted((one, other) => place(one) - place(other)),
  };
  await writeFile(data, `${JSON.stringify(results, null, 2)}\n`);
  await writePage(results);
}

function endedEarly(error: unknown): void {
  process.stderr.write(`${interrupted.signal.aborted ? 'Interrupted.' : messageOf(error)}\n`);
  process.exitCode = interrupted.signal.aborted ? 130 : 1;
}

async function writePage(results: ClientResults): Promise<void> {
  await writeFile(page, clientsPage(results));
}
