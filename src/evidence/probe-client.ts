import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { HttpProbe, Probe, TlsProbe } from './evidence.ts';
import type { HttpProbeRequest, TlsProbeRequest } from './probe-protocol.ts';

interface Pending {
  resolve(probe: Probe): void;
  reject(error: Error): void;
}

/** Asks a probe agent that was started outside the cluster. A connection that fails is an outcome, not an error. */
export class ProbeClient implements AsyncDisposable {
  readonly #agent: ChildProcess;
  readonly #pending = new Map<number, Pending>();
  #nextId = 1;
  #ended: Error | null = null;

  /** @param agent a process that runs probe-agent.ts, with pipes as stdin and stdout */
  constructor(agent: ChildProcess) {
    this.#agent = agent;
    if (!agent.stdout || !agent.stdin) throw new Error('the probe agent has no pipes');
    agent.stdin.on('error', () => {});
    createInterface({ input: agent.stdout }).on('line', (line) => {
      const { id, probe } = JSON.parse(line) as { id: number; probe: Probe };
      this.#pending.get(id)?.resolve(probe);
      this.#pending.delete(id);
    });
    agent.once('error', (error) => this.#end(error.message));
    agent.once('exit', (code, signal) => this.#end(signal ?? `status ${code}`));
  }

  /** One GET. */
  async http(request: HttpProbeRequest): Promise<HttpProbe> {
    return (await this.#ask({ ...request, kind: 'http' })) as HttpProbe;
  }

  /** One look at what a server presents for a name. */
  async tls(request: TlsProbeRequest): Promise<TlsProbe> {
    return (await this.#ask({ ...request, kind: 'tls' })) as TlsProbe;
  }

  #ask(request: object): Promise<Probe> {
    if (this.#ended) return Promise.reject(this.#ended);
    const id = this.#nextId++;
    const { promise, resolve, reject } = Promise.withResolvers<Probe>();
    this.#pending.set(id, { resolve, reject });
    this.#agent.stdin?.write(`${JSON.stringify({ ...request, id })}\n`);
    return promise;
  }

  #end(how: string): void {
    this.#ended = new Error(`The probe agent outside the cluster ended (${how}); no probe can be made any more.`);
    for (const { reject } of this.#pending.values()) reject(this.#ended);
    this.#pending.clear();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#ended) return;
    const ended = new Promise((resolve) => this.#agent.once('exit', resolve));
    this.#agent.stdin?.end();
    await ended;
  }
}
