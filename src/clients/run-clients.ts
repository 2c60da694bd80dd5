import { startDeviantServer } from '../acme/deviations/deviant-server.ts';
import type { Deviation } from '../acme/deviations/deviation.ts';
import type { ClientLane, ReadyClient } from './client-lane.ts';
import { type ClientEnd, hammers, type Outcome, outcomeOf } from './outcome.ts';

/** Meets no deviation: what an ordinary issuance is. */
const none: Deviation = {
  ...{ name: 'none', describes: 'The CA as it is.', rfc: 8555, section: '7.1', breaks: [] },
  apply: (request, forward) => forward(request),
};

/** One client that met one deviation. */
export interface Trial {
  readonly client: string;
  readonly deviation: string;
  readonly outcome: Outcome;
  /** The client's own words, or what is wrong with its certificate. Empty if it has one that fits. */
  readonly said: string;
  readonly hammers: boolean;
  readonly requests: number;
  readonly seconds: number;
}

export interface ClientsRequest {
  readonly clients: readonly ReadyClient[];
  readonly deviations: readonly Deviation[];
  /** Whether a client is to meet a deviation; default: every client meets all. */
  wants?(client: string, deviation: string): boolean;
  readonly signal: AbortSignal;
  onTrial(trial: Trial): void;
}

/**
 * Lets each client order from a real CA behind each deviation, and before behind none. Each trial is told when it is over.
 *
 * @throws Error if a client gets no certificate from the CA as it is: nothing could be said of it then. The others end with it
 */
export async function runClients(request: ClientsRequest): Promise<void> {
  const failed = new AbortController();
  const signal = AbortSignal.any([request.signal, failed.signal]);
  const runs = request.clients.map(async (client) => {
    try {
      await runClient(client, { ...request, signal });
    } catch (error) {
      failed.abort(error);
      throw error;
    }
  });
  // No lane may still order when the caller ends the clients.
  await Promise.allSettled(runs);
  await Promise.all(runs);
}

async function runClient(client: ReadyClient, request: ClientsRequest): Promise<void> {
  const { deviations, wants = () => true, signal, onTrial } = request;
  const { id, title, lanes } = client;
  const [anyLane] = lanes;
  if (anyLane === undefined) throw new RangeError(`${title} has no lane`);
  const left = deviations.filter(({ name }) => wants(id, name)).toReversed();
  if (left.length === 0) return;
  const ordinary = await meet(client, anyLane, { deviation: none, attempt: 1 }, signal);
  const { outcome, said } = outcomeOf(ordinary.end, ordinary.name);
  if (outcome !== 'issued') throw new Error(`${title} got no certificate from the CA as it is: ${said}`);
  await Promise.all(
    lanes.map(async (lane) => {
      for (let deviation = left.pop(); deviation !== undefined; deviation = left.pop()) {
        const first = await meet(client, lane, { deviation, attempt: 1 }, signal);
        const { outcome: firstOutcome } = outcomeOf(first.end, first.name);
        // A busy machine can fail an order as well. A deviation does not depend on chance, so it fails the next one, too.
        // A time limit of minutes is beyond what a busy machine explains.
        const isSure = firstOutcome === 'issued' || firstOutcome === 'wrong' || firstOutcome === 'hangs';
        const { end, name } = isSure ? first : await meet(client, lane, { deviation, attempt: 2 }, signal);
        const { requests, seconds } = end;
        onTrial({
          ...{ client: id, deviation: deviation.name, ...outcomeOf(end, name), requests, seconds },
          hammers: hammers(end, ordinary.end.requests),
        });
      }
    }),
  );
}

async function meet(
  client: ReadyClient,
  { openUpstream, listenAddress, order }: ClientLane,
  { deviation, attempt }: { readonly deviation: Deviation; readonly attempt: number },
  signal: AbortSignal,
): Promise<{ readonly name: string; readonly end: ClientEnd }> {
  let requests = 0;
  await using upstream = await openUpstream();
  await using server = await startDeviantServer({
    ...{ deviation, upstream: upstream.directoryUrl, trustedRoots: upstream.trustedRootsPem },
    ...{ host: listenAddress, port: 0 },
    onRequest: () => {
      requests += 1;
    },
  });
  const { directoryUrl, certificate } = server;
  const name = `${client.id}.${deviation.name}.${client.domain}`;
  const begun = performance.now();
  const end = await order({ directoryUrl, certificate, name, deviation: deviation.name, attempt, signal });
  const seconds = (performance.now() - begun) / 1000;
  const { origin } = new URL(directoryUrl);
  const message = end.message.replaceAll(origin, 'https://CA').replaceAll(/\s+/g, ' ').trim();
  return { name, end: { ...end, message, requests, seconds } };
}
