/**
 * The keeper of one kind environment: a background process that assigns addresses to LoadBalancer Services and records the
 * logs of its containers. Started as `node keeper.ts NAME`. It ends when its stdin ends, unless it has read the line `detach`,
 * and on SIGTERM. It has no state of its own: everything is in the cluster and the container engine.
 */

import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../../error-message.ts';
import { keeperStop } from '../keeper-stop.ts';
import { assignLoadBalancerAddresses } from '../outside/load-balancer.ts';
import { kindCaServer } from './kind-ca-server.ts';
import { kindPaths } from './kind-paths.ts';
import { readKindRecord } from './kind-record.ts';

const name = process.argv[2];
if (!name) throw new Error('usage: keeper.ts NAME');
const record = await readKindRecord(name);
if (record === null) throw new Error(`no kind environment is recorded under the name ${name}`);
const paths = kindPaths(name);

const stop = keeperStop('environment');

const containers = { named: record.nameServer, [kindCaServer.id]: record.ca, toxiproxy: record.directoryProxy };
const followers = Object.entries(containers).map(([part, { container }]) => {
  const log = openSync(join(paths.logs, `${part}.log`), 'w', 0o600);
  const follower = spawn(record.provider, ['logs', '--follow', container], { stdio: ['ignore', log, log] });
  follower.on('error', (error) => process.stderr.write(`${error.message}\n`));
  closeSync(log);
  return follower;
});

await assignLoadBalancerAddresses(paths.kubeconfig, record.loadBalancerAddresses, stop).catch((error: unknown) => {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exitCode = 1;
});
for (const follower of followers) follower.kill();
process.stdin.destroy();
