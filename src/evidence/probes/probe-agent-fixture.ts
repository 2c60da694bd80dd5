import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { ProbeClient } from './probe-client.ts';

const program = join(import.meta.dirname, 'probe-agent.ts');

/** A real agent, in this network namespace. */
export function startAgent(environment: Record<string, string> = {}): ProbeClient {
  return new ProbeClient(spawnAgent('inherit', environment));
}

/** The process of a real agent, for tests of its end. */
export function spawnAgent(stderr: 'inherit' | 'pipe', environment: Record<string, string> = {}): ChildProcess {
  return spawn(process.execPath, [program], {
    stdio: ['pipe', 'pipe', stderr],
    env: { ...process.env, ...environment },
  });
}
