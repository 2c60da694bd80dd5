import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CaServer, CaServerPlace, CaServerSetup } from '../../ca-servers/ca-server.ts';
import { serverCertificate } from '../client/self-signed-certificate.ts';
import { freePorts } from './free-ports.ts';
import { startServer } from './server-process.ts';

/** A real ACME server on loopback. Disposing it ends it and removes its folder. */
export interface AcmeServer extends AsyncDisposable {
  readonly directoryUrl: string;
  /** The root of its own TLS, PEM. */
  readonly trustedRootsPem: string;
  /** Its working directory, which is removed with it. */
  readonly folder: string;
  /** Fulfilled when its process has ended, with the end of its log. */
  readonly ended: Promise<string>;
}

/** Where a server looks up names and validates challenges; what is left out is a port that nothing listens on. */
export interface ValidationTargets {
  /** host:port */
  readonly dnsServer?: string;
  /** The port of http-01. */
  readonly httpPort?: number;
  /** The port of tls-alpn-01. */
  readonly tlsPort?: number;
}

interface LoopbackRequest extends ValidationTargets {
  readonly server: CaServer;
  /** The built program of the server. */
  readonly program: string;
  /** Default: the server's own. */
  setUp?(place: CaServerPlace): CaServerSetup | Promise<CaServerSetup>;
  /** Called when the files are in the folder, before the server starts. */
  prepare?(folder: string): Promise<void>;
}

/** Starts a CA server on loopback with free ports. @returns once its log says that it serves */
export async function startOnLoopback({
  server,
  program,
  setUp = (place) => server.setUp(place),
  prepare,
  ...targets
}: LoopbackRequest): Promise<AcmeServer> {
  const folder = await mkdtemp(join(tmpdir(), `padlock-${server.id}-`));
  await using stack = new AsyncDisposableStack();
  stack.defer(() => rm(folder, { recursive: true }));
  const host = 'localhost';
  const { certificate, key: privateKey } = await serverCertificate(host, [host]);
  const [directoryPort = 0, managementPort = 0, httpPort = 0, tlsPort = 0, dnsPort = 0] = await freePorts(5);
  const setup = await setUp({
    folder,
    listenAddress: '127.0.0.1',
    host,
    directoryPort,
    managementPort,
    identity: { certificate, privateKey, root: certificate },
    nameServer: targets.dnsServer ?? `127.0.0.1:${dnsPort}`,
    http01Port: targets.httpPort ?? httpPort,
    tlsAlpn01Port: targets.tlsPort ?? tlsPort,
  });
  for (const { name, content } of setup.files) await writeFile(join(folder, name), content, { mode: 0o600 });
  await prepare?.(folder);
  const { arguments: args, environment: env } = setup;
  const process = stack.use(await startServer({ program, args, env, readyLine: server.readyLine }));
  const running = stack.move();
  return {
    directoryUrl: `https://${host}:${directoryPort}${server.directoryPath}`,
    trustedRootsPem: setup.directoryRoot,
    folder,
    ended: process.ended,
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}
