import type { ChildProcess } from 'node:child_process';
import { z } from 'zod';
import { programFile } from '../../program-file.ts';
import type { DnsProbe, HttpProbe, OpenConnectionProbe, TlsProbe, TlsSeriesProbe } from '../evidence.ts';
import { AgentConversation, type AgentLimits, type AgentReply, parseJsonLine } from './agent-conversation.ts';
import { type AgentProbe, probeAnswerSchema } from './probe-answer.ts';
import {
  type AgentRequest,
  type DnsProbeRequest,
  type HttpProbeRequest,
  type OpenConnectionRequest,
  type ProbeRequest,
  probeRequestSchema,
  type TlsProbeRequest,
  type TlsSeriesRequest,
} from './probe-protocol.ts';

/** The program of a probe agent, for Node, outside the cluster. */
export const probeAgent = programFile(import.meta.dirname, 'probe-agent');

/** A probe that goes on until it is ended. */
export interface ProbeSeries<Seen> {
  /** What it saw, once it is over: ended, or its duration is over, or its connection. */
  readonly ended: Promise<Seen>;
  /** Ends it, and gives what it saw; more than once changes nothing. @throws if the agent ended or hangs */
  end(): Promise<Seen>;
}

/**
 * Asks a probe agent that was started outside the cluster. A connection that fails is an outcome, not an error; a probe
 * rejects only where the agent itself ended or hangs, or the request is no valid one.
 */
export class ProbeClient implements AsyncDisposable {
  readonly #agent: AgentConversation<AgentProbe>;

  /** @param agent a process that runs {@link probeAgent}, with pipes as stdin and stdout */
  constructor(agent: ChildProcess, limits: AgentLimits = {}) {
    this.#agent = new AgentConversation(agent, { agent: 'probe agent', parse: parseReply }, limits);
  }

  /** One GET on a new connection. */
  async http(request: HttpProbeRequest): Promise<HttpProbe> {
    return this.#ask('http', request, request.withinMs);
  }

  /** One look at what a server presents for a name. */
  async tls(request: TlsProbeRequest): Promise<TlsProbe> {
    return this.#ask('tls', request, request.withinMs);
  }

  /** Begins a series of connections, which goes on beside everything else until it is ended or its duration is over. */
  tlsSeries(request: TlsSeriesRequest): ProbeSeries<TlsSeriesProbe> {
    return this.#begin('tls-series', request);
  }

  /** Opens a connection and sends requests on it, beside everything else, until it is ended or its duration is over. */
  openConnection(request: OpenConnectionRequest): ProbeSeries<OpenConnectionProbe> {
    return this.#begin('open-connection', request);
  }

  /** One question to name servers. */
  async dns(request: DnsProbeRequest): Promise<DnsProbe> {
    return this.#ask('dns', request, request.withinMs);
  }

  #begin<Kind extends 'tls-series' | 'open-connection'>(
    kind: Kind,
    request: TlsSeriesRequest | OpenConnectionRequest,
  ): ProbeSeries<Extract<AgentProbe, { kind: Kind }>> {
    const series = this.#agent.nextId();
    const seen = this.#ask(kind, request, request.durationMs + request.withinMs, series);
    // It is awaited at the end, which may be much later.
    seen.catch(() => {});
    return {
      ended: seen,
      end: async () => {
        this.#agent.tell({ id: this.#agent.nextId(), kind: 'end', series } satisfies AgentRequest);
        return await seen;
      },
    };
  }

  async #ask<Kind extends AgentProbe['kind']>(
    kind: Kind,
    asked: Omit<ProbeRequest, 'id' | 'kind'>,
    limitMs: number,
    id = this.#agent.nextId(),
  ): Promise<Extract<AgentProbe, { kind: Kind }>> {
    const request = probeRequestSchema.safeParse({ ...asked, kind, id });
    if (!request.success) {
      throw new Error(`The ${kind} probe "${asked.name}" cannot be asked for: ${z.prettifyError(request.error)}`);
    }
    const probe = await this.#agent.ask(request.data, `${kind} probe "${asked.name}"`, limitMs);
    if (probe.kind !== kind) throw new Error(`The probe agent answered a ${kind} probe with a ${probe.kind} probe.`);
    return probe as Extract<AgentProbe, { kind: Kind }>;
  }

  /** Ends the agent, and with it the probes that still wait. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#agent[Symbol.asyncDispose]();
  }
}

function parseReply(line: string): AgentReply<AgentProbe> | string {
  const json = parseJsonLine(line);
  if (typeof json === 'string') return json;
  const answer = probeAnswerSchema.safeParse(json.value);
  if (!answer.success) return z.prettifyError(answer.error);
  return 'probe' in answer.data ? { id: answer.data.id, answer: answer.data.probe } : answer.data;
}
