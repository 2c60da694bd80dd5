import { type ChildProcess, spawn } from 'node:child_process';

/** Starts a program outside an existing cluster, which is on this machine. */
export function spawnOnThisMachine([program = '', ...args]: readonly string[]): ChildProcess {
  return spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
}
