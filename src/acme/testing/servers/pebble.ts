import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serverCertificate } from '../../client/self-signed-certificate.ts';
import type { ExternalAccount } from '../../client/signing-key.ts';
import { HttpsTransport } from '../../client/transport.ts';
import type { AcmeServer, ValidationTargets } from './acme-server.ts';
import { freePorts } from './free-ports.ts';
import { startServer } from './server-process.ts';

export interface PebbleOptions extends ValidationTargets {
  /** The built Pebble. */
  readonly program: string;
  /** Where one is given, accounts need a binding. */
  readonly externalAccount?: ExternalAccount | undefined;
  /** Of good nonces that are refused; default 0. */
  readonly badNoncePercent?: number;
  /** Of valid authorizations that are used again; default 0. */
  readonly authzReusePercent?: number;
  /** Roots beside the first, each with a chain of its own; default 0. */
  readonly alternateRoots?: number;
  /** Intermediates in a chain, at least 1 (Pebble panics at 0); default 1. */
  readonly chainLength?: number;
  /** Sleeps up to so many seconds before each validation; default: none. */
  readonly validationSleepSeconds?: number;
  /** Seconds in Retry-After of authorizations and orders; default 1. */
  readonly retryAfterSeconds?: number;
}

/** Starts Pebble with one profile of certificates. It decides at once and refuses no good nonce, where the options do not say else. */
export async function startPebble(options: PebbleOptions): Promise<AcmeServer> {
  const { externalAccount, alternateRoots = 0, retryAfterSeconds = 1 } = options;
  const folder = await mkdtemp(join(tmpdir(), 'padlock-pebble-'));
  await using stack = new AsyncDisposableStack();
  stack.defer(() => rm(folder, { recursive: true }));
  const tls = await serverCertificate('localhost', ['localhost']);
  const [port = 0, managementPort = 0, httpPort = 0, tlsPort = 0, dnsPort = 0] = await freePorts(5);
  await writeFile(join(folder, 'tls.crt'), tls.certificate);
  await writeFile(join(folder, 'tls.key'), tls.key, { mode: 0o600 });
  const pebble = {
    listenAddress: `127.0.0.1:${port}`,
    managementListenAddress: `127.0.0.1:${managementPort}`,
    certificate: join(folder, 'tls.crt'),
    privateKey: join(folder, 'tls.key'),
    httpPort: options.httpPort ?? httpPort,
    tlsPort: options.tlsPort ?? tlsPort,
    ocspResponderURL: '',
    externalAccountBindingRequired: externalAccount !== undefined,
    externalAccountMACKeys: externalAccount
      ? { [externalAccount.kid]: Buffer.from(externalAccount.macKey).toString('base64url') }
      : {},
    retryAfter: { authz: retryAfterSeconds, order: retryAfterSeconds },
    keyAlgorithm: 'ecdsa',
    profiles: { default: { description: 'The only profile', validityPeriod: 7_776_000 } },
  };
  const configuration = join(folder, 'pebble.json');
  await writeFile(configuration, JSON.stringify({ pebble }), { mode: 0o600 });
  stack.use(
    await startServer({
      program: options.program,
      args: ['-config', configuration, '-strict', '-dnsserver', options.dnsServer ?? `127.0.0.1:${dnsPort}`],
      env: {
        PEBBLE_WFE_NONCEREJECT: String(options.badNoncePercent ?? 0),
        PEBBLE_AUTHZREUSE: String(options.authzReusePercent ?? 0),
        PEBBLE_ALTERNATE_ROOTS: String(alternateRoots),
        PEBBLE_CHAIN_LENGTH: String(options.chainLength ?? 1),
        ...(options.validationSleepSeconds === undefined
          ? { PEBBLE_VA_NOSLEEP: '1' }
          : { PEBBLE_VA_SLEEPTIME: String(options.validationSleepSeconds) }),
      },
      readyLine: 'ACME directory available at',
    }),
  );
  const rootsPem: string[] = [];
  await using transport = new HttpsTransport({ trustedRoots: tls.certificate });
  for (let index = 0; index <= alternateRoots; index += 1) {
    const url = `https://localhost:${managementPort}/roots/${index}`;
    const answer = await transport.send({ method: 'GET', url, headers: {} });
    if (answer.status !== 200) throw new Error(`Pebble answered ${answer.status} to ${url}`);
    rootsPem.push(answer.body);
  }
  const running = stack.move();
  return {
    directoryUrl: `https://localhost:${port}/dir`,
    trustedRootsPem: tls.certificate,
    rootsPem,
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}
