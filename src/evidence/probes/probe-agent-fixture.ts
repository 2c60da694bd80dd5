import { type ChildProcess, spawn } from 'node:child_process';
import { ProbeClient, probeAgent } from './probe-client.ts';

/** A real agent, in this network namespace. */
export function startAgent(environment: Record<string, string> = {}): ProbeClient {
  return new ProbeClient(spawnAgent('inherit', environment));
}

/** The process of a real agent, for tests of its end. */
export function spawnAgent(stderr: 'inherit' | 'pipe', environment: Record<string, string> = {}): ChildProcess {
  return spawn(process.execPath, [probeAgent], {
    stdio: ['pipe', 'pipe', stderr],
    env: { ...process.env, ...environment },
  });
}
