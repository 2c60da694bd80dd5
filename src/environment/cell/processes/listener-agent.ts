/**
 * Listens on a port of 127.0.0.1 in the network namespace that it was started in, and hands the socket to its parent: a socket stays in
 * its namespace, whoever serves it. Started as `node listener-agent.ts PORT` with an IPC channel; see listen-inside.ts.
 */

import { createServer } from 'node:net';

const server = createServer();
server.once('error', (error) => {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
});
server.listen({ host: '127.0.0.1', port: Number(process.argv[2]) }, () => {
  process.send?.('listening', server, {}, () => process.exit(0));
});
