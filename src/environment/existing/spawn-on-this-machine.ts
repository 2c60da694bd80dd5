import { type ChildProcess, spawn } from 'node:child_process';

/** Starts a program where the clients of an existing cluster are: on this machine. */
export function spawnOnThisMachine([program = '', ...args]: readonly string[]): ChildProcess {
  return spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
}
