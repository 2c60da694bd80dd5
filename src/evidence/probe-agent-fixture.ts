import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { ProbeClient } from './probe-client.ts';

const program = join(import.meta.dirname, 'probe-agent.ts');

/** A real agent, in this network namespace. */
export function startAgent(environment: Record<string, string> = {}): ProbeClient {
  return new ProbeClient(
    spawn(process.execPath, [program], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, ...environment },
    }),
  );
}
