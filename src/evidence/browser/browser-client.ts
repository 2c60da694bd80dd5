import type { ChildProcess } from 'node:child_process';
import { z } from 'zod';
import type { BrowserProbe } from '../evidence.ts';
import { AgentConversation, type AgentLimits, type AgentReply, parseJsonLine } from '../probes/agent-conversation.ts';
import { type BrowserRequest, browserAnswerSchema, browserRequestSchema } from './browser-protocol.ts';

type DistributiveOmit<Type, Key extends PropertyKey> = Type extends unknown ? Omit<Type, Key> : never;

/** A page to open, its time limit, and the roots that the browser trusts. */
export type BrowserOpenRequest = DistributiveOmit<BrowserRequest, 'id'>;

/** A browser's probe of a page, with the PNG whose digest is the probe's screenshotSha256. */
export interface OpenedPage {
  readonly probe: BrowserProbe;
  readonly screenshot: Buffer | null;
}

/**
 * Asks a browser agent that was started outside the cluster. A page that does not come, and a machine without a browser,
 * are outcomes, not errors; `open` rejects only where the agent itself ended or hangs, or the request is no valid one.
 */
export class BrowserClient implements AsyncDisposable {
  readonly #agent: AgentConversation<OpenedPage>;

  /** @param agent a process that runs browser-agent.ts, with pipes as stdin and stdout */
  constructor(agent: ChildProcess, limits: AgentLimits = {}) {
    this.#agent = new AgentConversation(agent, { agent: 'browser agent', parse: parseReply }, limits);
  }

  /** Opens one page in a separate browser. */
  async open(asked: BrowserOpenRequest): Promise<OpenedPage> {
    const request = browserRequestSchema.safeParse({ ...asked, id: this.#agent.nextId() });
    if (!request.success) {
      throw new Error(`The browser probe "${asked.name}" cannot be asked for: ${z.prettifyError(request.error)}`);
    }
    return this.#agent.ask(request.data, `browser probe "${asked.name}"`, asked.withinMs);
  }

  /** Ends the agent and its browsers, and with them the probes that still wait. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#agent[Symbol.asyncDispose]();
  }
}

function parseReply(line: string): AgentReply<OpenedPage> | string {
  const json = parseJsonLine(line);
  if (typeof json === 'string') return json;
  const reply = browserAnswerSchema.safeParse(json.value);
  if (!reply.success) return z.prettifyError(reply.error);
  if ('refused' in reply.data) return reply.data;
  const { id, probe, screenshot } = reply.data;
  if (probe.kind !== 'browser') return `a ${probe.kind} probe`;
  return { id, answer: { probe, screenshot: screenshot === null ? null : Buffer.from(screenshot, 'base64') } };
}
