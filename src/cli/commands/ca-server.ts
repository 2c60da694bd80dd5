import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startOnLoopback } from '../../acme/loopback/acme-server.ts';
import { freePorts } from '../../acme/loopback/free-ports.ts';
import { testedCaServerNamed } from '../../ca-servers/tested-ca-servers.ts';
import { buildComponents } from '../../components/index.ts';
import { messageOf } from '../../error-message.ts';
import { exitCode } from '../../report/exit-code.ts';
import { UserError } from '../../user-error.ts';
import type { CommandContext } from './command-context.ts';

const logShown = 1500;

/** `padlock ca-server ID`: a CA on loopback until it is stopped, which is its right end, and the `padlock ca` that tests it. */
export async function caServer(id: string, context: CommandContext): Promise<number> {
  const server = testedCaServerNamed(id);
  const components = await buildComponents({
    only: [server.component],
    signal: context.signal,
    onProgress: ({ event, ...rest }) => {
      if (event === 'started') process.stderr.write(`Building ${'id' in rest ? rest.id : server.component}.\n`);
    },
  });
  const [httpPort = 0, tlsPort = 0, dnsPort = 0] = await freePorts(3);
  const dnsServer = `127.0.0.1:${dnsPort}`;
  const program = components.binary(server.program);
  await using running = await startOnLoopback({ server, program, httpPort, tlsPort, dnsServer }).catch(
    (cause: unknown) => {
      throw new UserError(`${server.software} did not start: ${messageOf(cause)}`, { exitCode: 3, cause });
    },
  );
  const bundle = join(running.folder, 'directory-root.pem');
  await writeFile(bundle, running.trustedRootsPem);
  const options = [
    `--directory ${running.directoryUrl}`,
    `--ca-bundle ${bundle}`,
    `--http-port ${httpPort} --tls-port ${tlsPort} --dns ${dnsServer}`,
    ...(server.failsOnConcurrentRequests === true ? ['--one-at-a-time'] : []),
  ];
  process.stdout.write(`./padlock ca ${options.join(' ')}\n`);
  process.stderr.write(
    `${server.software} serves ${running.directoryUrl}. Test it with the line above. Stop with Ctrl-C.\n`,
  );
  if (context.signal.aborted) return exitCode.passed;
  const log = await Promise.race([once(context.signal, 'abort').then(() => null), running.ended]);
  if (log === null) return exitCode.passed;
  throw new UserError(`${server.software} ended by itself. Its log ends: ${log.slice(-logShown)}`, { exitCode: 3 });
}
