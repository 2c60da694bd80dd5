import type { Server } from 'node:net';
import { UserError } from '../../user-error.ts';

/** An address to listen on. */
export interface ListenAddress {
  /** An IP address. */
  readonly address: string;
  /** 0 for any free port. */
  readonly port: number;
}

/** Why listening on a port failed, in one sentence. */
export function cannotListen(what: string, { address, port }: ListenAddress, cause: unknown): UserError {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
  const where = `${address.includes(':') ? `[${address}]` : address}:${port}`;
  const reasons: Readonly<Record<string, string>> = {
    EADDRINUSE: 'something else listens there; choose another port, or end that',
    EACCES: 'this user may not listen there; run as root, or choose a port from 1024 on',
    EADDRNOTAVAIL: 'this machine has no such address',
    EAFNOSUPPORT: 'this machine has no IPv6; choose an IPv4 address',
  };
  return new UserError(`The ${what} cannot listen on ${where}: ${reasons[code] ?? code}.`, { cause });
}

/** Starts listening. @returns the port @throws UserError (2) if that fails */
export async function listen(server: Server, what: string, where: ListenAddress): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(cannotListen(what, where, error)));
    server.listen({ host: where.address, port: where.port }, resolve);
  });
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error(`the ${what} has no port`);
  return bound.port;
}

/** Closes a server and its connections. */
export function close(server: Server & { closeAllConnections?(): void }): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections?.();
  });
}
