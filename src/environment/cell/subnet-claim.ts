import { createServer } from 'node:net';

/** A hold on a subnet while a cell starts in it, for all processes of this machine. */
export type SubnetClaim = AsyncDisposable;

/**
 * Claims a subnet until its interface exists, whichever state folder the other commands of this machine use. The claim is a
 * socket in Linux's abstract namespace (unix(7)), which the kernel gives to one process of a network namespace at a time and takes
 * back when that process ends.
 *
 * @returns null if another process holds it
 */
export async function claimSubnet(subnet: string): Promise<SubnetClaim | null> {
  const server = createServer((connection) => connection.destroy());
  const { promise, resolve, reject } = Promise.withResolvers<boolean>();
  server.once('listening', () => resolve(true));
  server.once('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EADDRINUSE') resolve(false);
    else reject(error);
  });
  server.listen(`\0padlock-subnet-${subnet}`);
  if (!(await promise)) return null;
  server.unref();
  return {
    async [Symbol.asyncDispose]() {
      const closed = Promise.withResolvers<void>();
      server.close(() => closed.resolve());
      await closed.promise;
    },
  };
}
