import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';

/** The extra time after a request's own limit, mostly for the agent's start, before the agent counts as hung. */
const answerGraceMs = 60_000;
/** The time for the agent to end after its stdin has ended, before it is killed. */
const agentEndWithinMs = 5_000;

/** An answer to one request, or why the agent could not do what was asked. */
export type AgentReply<Answer> =
  | { readonly id: number; readonly answer: Answer }
  | { readonly id: number; readonly refused: string };

interface Language<Answer> {
  /** What the agent is, for messages, e.g. `probe agent`. */
  readonly agent: string;
  /** Parses one line of the agent, or explains in a sentence why it is not a reply. */
  readonly parse: (line: string) => AgentReply<Answer> | string;
}

export interface AgentLimits {
  readonly graceMs?: number;
  readonly endWithinMs?: number;
}

interface Pending<Answer> {
  readonly timer: NodeJS.Timeout;
  resolve(answer: Answer): void;
  reject(error: Error): void;
}

/**
 * Requests to a program outside the cluster and its answers, one JSON object a line on its stdin and stdout, matched by
 * their `id` as answers come in any order.
 */
export class AgentConversation<Answer> implements AsyncDisposable {
  readonly #agent: ChildProcess;
  readonly #language: Language<Answer>;
  readonly #pending = new Map<number, Pending<Answer>>();
  readonly #closed: Promise<void>;
  readonly #graceMs: number;
  readonly #endWithinMs: number;
  #nextId = 1;
  #ended: Error | null = null;

  /** @param agent a process with pipes as stdin and stdout */
  constructor(
    agent: ChildProcess,
    language: Language<Answer>,
    { graceMs = answerGraceMs, endWithinMs = agentEndWithinMs }: AgentLimits = {},
  ) {
    if (!agent.stdout || !agent.stdin) throw new Error(`the ${language.agent} has no pipes`);
    this.#agent = agent;
    this.#language = language;
    this.#graceMs = graceMs;
    this.#endWithinMs = endWithinMs;
    // The exit event reports an agent that ended; the failed write to the closed pipe adds nothing.
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

  /** The number of the next request. */
  nextId(): number {
    return this.#nextId++;
  }

  /**
   * Sends a request and gives its answer.
   *
   * @param what the request for messages, e.g. `tls probe "ask"`
   * @param limitMs the request's own limit, which the agent keeps itself
   * @throws if the agent ended, hangs, or says that it could not do it
   */
  async ask(request: { readonly id: number }, what: string, limitMs: number): Promise<Answer> {
    if (this.#ended) throw this.#ended;
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const withinMs = limitMs + this.#graceMs;
    const timer = setTimeout(() => {
      this.#pending.delete(request.id);
      reject(
        new Error(
          `The ${this.#language.agent} outside the cluster did not answer the ${what} within ${withinMs} ms, though its own limit is ${limitMs} ms.`,
        ),
      );
    }, withinMs);
    this.#pending.set(request.id, { timer, resolve, reject });
    this.#agent.stdin?.write(`${JSON.stringify(request)}\n`);
    return promise;
  }

  /** Sends a request that has no answer. */
  tell(request: object): void {
    if (this.#ended === null) this.#agent.stdin?.write(`${JSON.stringify(request)}\n`);
  }

  #take(line: string): void {
    const reply = this.#language.parse(line);
    if (typeof reply === 'string') {
      this.#end(`it sent an invalid answer: ${reply}`);
      return;
    }
    const pending = this.#pending.get(reply.id);
    this.#pending.delete(reply.id);
    clearTimeout(pending?.timer);
    if ('answer' in reply) pending?.resolve(reply.answer);
    else pending?.reject(new Error(`The ${this.#language.agent} could not make the probe: ${reply.refused}`));
  }

  #end(how: string): void {
    this.#ended ??= new Error(
      `The ${this.#language.agent} outside the cluster ended (${how}); no probe can be made any more.`,
    );
    for (const { timer, reject } of this.#pending.values()) {
      clearTimeout(timer);
      reject(this.#ended);
    }
    this.#pending.clear();
  }

  /** Ends the agent, and with it the requests that still wait. */
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

/** A line as JSON, or its beginning if it is not valid JSON. */
export function parseJsonLine(line: string): { readonly value: unknown } | string {
  try {
    return { value: JSON.parse(line) };
  } catch {
    return JSON.stringify(line.slice(0, 200));
  }
}
