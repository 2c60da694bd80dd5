import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import type { HttpProbe, TlsProbe } from './evidence.ts';
import { type AgentProbe, type DnsProbe, probeAnswerSchema, type TlsSeriesProbe } from './probe-answer.ts';
import {
  type DnsProbeRequest,
  type HttpProbeRequest,
  type ProbeRequest,
  probeRequestSchema,
  type TlsProbeRequest,
  type TlsSeriesRequest,
} from './probe-protocol.ts';

/** What the agent gets on top of a probe's own limit, mostly its start, before it counts as hung. */
const answerGraceMs = 20_000;
/** How long the agent may take to end once its stdin has, before it is killed. */
const agentEndWithinMs = 5_000;

interface Pending {
  readonly timer: NodeJS.Timeout;
  resolve(probe: AgentProbe): void;
  reject(error: Error): void;
}

/**
 * Asks a probe agent that was started outside the cluster. A connection that fails is an outcome, not an error; a probe
 * rejects only where the agent itself ended or hangs, or the request is no valid one.
 */
export class ProbeClient implements AsyncDisposable {
  readonly #agent: ChildProcess;
  readonly #pending = new Map<number, Pending>();
  readonly #closed: Promise<void>;
  readonly #graceMs: number;
  readonly #endWithinMs: number;
  #nextId = 1;
  #ended: Error | null = null;

  /** @param agent a process that runs probe-agent.ts, with pipes as stdin and stdout */
  constructor(agent: ChildProcess, { graceMs = answerGraceMs, endWithinMs = agentEndWithinMs } = {}) {
    if (!agent.stdout || !agent.stdin) throw new Error('the probe agent has no pipes');
    this.#agent = agent;
    this.#graceMs = graceMs;
    this.#endWithinMs = endWithinMs;
    // An agent that ended says so by its exit; the write that met the closed pipe adds nothing.
    agent.stdin.on('error', () => {});
    createInterface({ input: agent.stdout }).on('line', (line) => this.#take(line));
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#closed = promise;
    const end = (how: string) => {
      this.#end(how);
      resolve();
    };
    agent.once('error', (error) => end(error.message));
    // Not 'exit': answers may still be in the pipe then.
    agent.once('close', (code, signal) => end(signal ?? `status ${code}`));
  }

  /** One GET on a new connection. */
  async http(request: HttpProbeRequest): Promise<HttpProbe> {
    return this.#ask('http', request, request.withinMs);
  }

  /** One look at what a server presents for a name. */
  async tls(request: TlsProbeRequest): Promise<TlsProbe> {
    return this.#ask('tls', request, request.withinMs);
  }

  /** A connection every so many milliseconds, for a while: it answers at the end. */
  async tlsSeries(request: TlsSeriesRequest): Promise<TlsSeriesProbe> {
    return this.#ask('tls-series', request, request.durationMs + request.withinMs);
  }

  /** One question to name servers. */
  async dns(request: DnsProbeRequest): Promise<DnsProbe> {
    return this.#ask('dns', request, request.withinMs);
  }

  async #ask<Kind extends AgentProbe['kind']>(
    kind: Kind,
    asked: Omit<ProbeRequest, 'id' | 'kind'>,
    limitMs: number,
  ): Promise<Extract<AgentProbe, { kind: Kind }>> {
    const id = this.#nextId++;
    const request = probeRequestSchema.safeParse({ ...asked, kind, id });
    if (!request.success) {
      throw new Error(`The ${kind} probe "${asked.name}" cannot be asked for: ${z.prettifyError(request.error)}`);
    }
    if (this.#ended) throw this.#ended;
    const { promise, resolve, reject } = Promise.withResolvers<AgentProbe>();
    const withinMs = limitMs + this.#graceMs;
    const timer = setTimeout(() => {
      this.#pending.delete(id);
      reject(
        new Error(
          `The probe agent outside the cluster did not answer the ${kind} probe "${asked.name}" within ${withinMs} ms, though its own limit is ${limitMs} ms.`,
        ),
      );
    }, withinMs);
    this.#pending.set(id, { timer, resolve, reject });
    this.#agent.stdin?.write(`${JSON.stringify(request.data)}\n`);
    const probe = await promise;
    if (probe.kind !== kind) throw new Error(`The probe agent answered a ${kind} probe with a ${probe.kind} probe.`);
    return probe as Extract<AgentProbe, { kind: Kind }>;
  }

  #take(line: string): void {
    const answer = parseAnswer(line);
    if (typeof answer === 'string') {
      this.#end(`it answered what is no answer: ${answer}`);
      return;
    }
    const pending = this.#pending.get(answer.id);
    this.#pending.delete(answer.id);
    clearTimeout(pending?.timer);
    if ('probe' in answer) pending?.resolve(answer.probe);
    else pending?.reject(new Error(`The probe agent could not make the probe: ${answer.refused}`));
  }

  #end(how: string): void {
    this.#ended ??= new Error(`The probe agent outside the cluster ended (${how}); no probe can be made any more.`);
    for (const { timer, reject } of this.#pending.values()) {
      clearTimeout(timer);
      reject(this.#ended);
    }
    this.#pending.clear();
  }

  /** Ends the agent, and with it the probes that still wait. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#agent.stdin?.end();
    const { promise: killed, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(() => {
      this.#agent.kill('SIGKILL');
      resolve();
    }, this.#endWithinMs);
    await Promise.race([this.#closed, killed]);
    clearTimeout(timer);
    this.#end('it was told to');
  }
}

function parseAnswer(line: string): z.infer<typeof probeAnswerSchema> | string {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return JSON.stringify(line.slice(0, 200));
  }
  const answer = probeAnswerSchema.safeParse(value);
  return answer.success ? answer.data : z.prettifyError(answer.error);
}
