import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Server } from 'node:net';
import { programFile } from '../../../program-file.ts';

const listenerAgent = programFile(import.meta.dirname, 'listener-agent');

/**
 * A socket that listens on a port of 127.0.0.1 in the network namespace of a process, for a server of this process. It costs no process of its
 * own: a short-lived one makes it and hands it over.
 *
 * @throws Error with what the short-lived process says, for example that the port is taken
 */
export async function listenInside(pid: number, port: number): Promise<Server> {
  const child = spawn(
    'nsenter',
    ['--target', String(pid), '--net', '--', process.execPath, listenerAgent, String(port)],
    { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] },
  );
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const handed = new Promise<Server>((resolve) => {
    child.on('message', (_, handle) => {
      if (handle instanceof Server) resolve(handle);
    });
  });
  const ended = once(child, 'close').then(([code]) => {
    throw new Error(said.trim() || `nsenter ended with status ${code}`);
  });
  ended.catch(() => {});
  return await Promise.race([handed, ended]);
}
