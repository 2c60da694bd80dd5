import { createServer } from 'node:net';

/** Finds different ports of 127.0.0.1 that nothing listens on. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  // All are held until the last one is open, so that no port comes twice.
  await Promise.all(servers.map((server) => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))));
  const addresses = servers.map((server) => server.address());
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return addresses.map((address) => {
    if (address === null || typeof address === 'string') throw new Error('a TCP server has no port');
    return address.port;
  });
}
