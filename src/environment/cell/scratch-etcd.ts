import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { Components } from '../../components/index.ts';
import { etcdArguments } from './prepared-state/etcd-arguments.ts';
import { EtcdGateway } from './prepared-state/etcd-gateway.ts';
import { holdNamespaces, insideNamespaces, runInside } from './processes/namespace-holder.ts';

const readyWithinMs = 20_000;

interface ScratchEtcd {
  readonly components: Components;
  /** Its data folder, which need not exist. */
  readonly dataFolder: string;
  readonly log: string;
  readonly signal: AbortSignal;
}

/** Runs an etcd in namespaces of its own, and ends it in order when the work is done: its data are then complete. */
export async function withScratchEtcd(
  { components, dataFolder, log, signal }: ScratchEtcd,
  work: (etcd: EtcdGateway) => Promise<void>,
): Promise<void> {
  const holder = await holdNamespaces('padlock-state');
  try {
    await runInside(holder.pid, 'ip link set lo up && mount -t tmpfs -o mode=700 tmpfs /run');
    const fd = openSync(log, 'a', 0o600);
    const [program, ...args] = insideNamespaces(holder.pid, [
      components.binary('etcd'),
      ...etcdArguments(dataFolder, '/run/etcd.sock'),
    ]);
    const etcd = spawn(program, args, { stdio: ['ignore', fd, fd] });
    closeSync(fd);
    const exited = once(etcd, 'exit');
    const ended = exited.then(() => {
      throw new Error(`etcd ended while a prepared state was written; its log is ${log}`);
    });
    ended.catch(() => {});
    const done = (async () => {
      const gateway = new EtcdGateway(`/proc/${holder.pid}/root/run/etcd.sock`);
      await gateway.untilReady(readyWithinMs, signal);
      await work(gateway);
    })();
    await Promise.race([done, ended]);
    // nsenter waits for its child, to which it passes no signal on.
    const children = await readFile(`/proc/${etcd.pid}/task/${etcd.pid}/children`, 'utf8');
    for (const pid of children.trim().split(' ')) process.kill(Number(pid), 'SIGTERM');
    await exited;
  } finally {
    holder.process.kill('SIGKILL');
  }
}
