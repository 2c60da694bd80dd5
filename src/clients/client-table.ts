import { z } from 'zod';

const trialSchema = z.strictObject({
  client: z.string(),
  deviation: z.string(),
  outcome: z.enum(['issued', 'wrong', 'clear', 'unclear', 'hangs']),
  said: z.string(),
  hammers: z.boolean(),
  requests: z.int(),
  seconds: z.number(),
});

const deviationSchema = z.strictObject({ name: z.string(), describes: z.string(), rfc: z.int(), section: z.string() });

/** docs/clients.json: what each client did against each deviation. */
export const clientResultsSchema = z.strictObject({
  /** The day, such as 2026-11-28. */
  date: z.iso.date(),
  /** The CA behind the deviations, with its version. */
  ca: z.string(),
  clients: z.array(z.strictObject({ id: z.string(), title: z.string(), version: z.string() })),
  deviations: z.array(deviationSchema),
  /** Behaviours of CAs that broke clients in practice. */
  fieldBehaviours: z.array(deviationSchema),
  trials: z.array(trialSchema),
});

export type ClientResults = z.infer<typeof clientResultsSchema>;
type ClientTrial = z.infer<typeof trialSchema>;

const inWords: Readonly<Record<ClientTrial['outcome'], string>> = {
  issued: 'issued',
  wrong: '**takes it**',
  clear: 'fails, clear',
  unclear: 'fails, **unclear**',
  hangs: '**hangs**',
};

const saidLimit = 220;

/** docs/clients.md. */
export function clientsPage(results: ClientResults): string {
  const { date, ca, clients, deviations, fieldBehaviours, trials } = results;
  const of = (deviation: string, client: string) =>
    trials.find((one) => one.deviation === deviation && one.client === client);
  const isSurvived = (deviation: string) =>
    clients.every(({ id }) => {
      const trial = of(deviation, id);
      return trial?.outcome === 'issued' && !trial.hammers;
    });
  const shown = deviations.filter(({ name }) => !isSurvived(name));
  const survived = deviations.filter(({ name }) => isSurvived(name));
  const head = clients.map(({ title, version }) => `${title} ${version}`);
  const rows = (described: ClientResults['deviations']) =>
    table(
      ['Deviation', 'RFC', ...head],
      described.map(({ name, describes, rfc, section }) => [
        `\`${name}\`: ${describes}`,
        `${rfc} ${section}`,
        ...clients.map(({ id }) => cell(of(name, id))),
      ]),
    );
  const ofDeviations = trials.filter(({ deviation }) => deviations.some(({ name }) => name === deviation));
  return `${[
    '# Which client survives what',
    '',
    `\`npm run clients\` runs each client against each deviation of \`padlock deviate\`: a new account and one certificate over http-01, from ${ca} with that one fault in front of it.`,
    `This page is of ${date}; the data is in [clients.json](clients.json).`,
    '',
    '- **issued**: it has a certificate with the name and the key that it asked for, and an issuer.',
    '- **takes it**: it ended without an error, and the certificate does not fit.',
    '- **fails, clear**: its message says what is wrong or which step failed.',
    '- **fails, unclear**: its message is empty, a stack trace, the bare name of an exception, or only what a parser met.',
    '- **hangs**: it was still running after six minutes. cert-manager never gives up: it is judged by what its objects say after two, and hangs where they say nothing.',
    '- **hammers**: it sent more than five times the requests of an ordinary issuance; how many is beside it.',
    '',
    'lego and acmez are run as libraries, with the options of a program that sets none; cert-manager runs in a cell, with solvers behind the gateway. A fault in a part of ACME that an ordinary issuance does not use cannot show here.',
    '',
    table(
      ['', ...head],
      (['issued', 'wrong', 'clear', 'unclear', 'hangs'] as const).map((outcome) => [
        inWords[outcome].replaceAll('**', ''),
        ...clients.map(({ id }) => count(ofDeviations, (one) => one.client === id && one.outcome === outcome)),
      ]),
    ),
    '',
    '## Deviations that a client does not survive',
    '',
    rows(shown),
    '',
    '## What broke clients in practice',
    '',
    'These behaviours of CAs were reported by users. `padlock ca` names them where it meets one, with these columns.',
    '',
    rows(fieldBehaviours),
    '',
    '## What the clients said',
    '',
    ...[...shown, ...fieldBehaviours.filter(({ name }) => !isSurvived(name))].flatMap(({ name }) => [
      `### ${name}`,
      '',
      ...clients.flatMap(({ id, title }) => {
        const trial = of(name, id);
        return trial === undefined || trial.said === '' ? [] : [`- ${title}: ${quoted(trial.said)}`];
      }),
      '',
    ]),
    '## Deviations that all clients survive',
    '',
    survived.map(({ name }) => `\`${name}\``).join(', '),
  ].join('\n')}\n`;
}

function count(trials: readonly ClientTrial[], counts: (trial: ClientTrial) => boolean): string {
  return String(trials.filter(counts).length);
}

function cell(trial: ClientTrial | undefined): string {
  if (trial === undefined) return 'not run';
  return `${inWords[trial.outcome]}${trial.hammers ? `, **hammers** (${trial.requests})` : ''}`;
}

function quoted(said: string): string {
  const text = said.length > saidLimit ? `${said.slice(0, saidLimit)}…` : said;
  return `\`\` ${text.replaceAll('`', "'")} \`\``;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((text) => text.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
