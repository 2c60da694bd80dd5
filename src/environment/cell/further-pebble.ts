import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, createWriteStream } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { type PebbleVariant, pebble, setUpPebble } from '../../ca-servers/pebble/pebble.ts';
import { pinnedComponent } from '../../components/index.ts';
import { messageOf } from '../../error-message.ts';
import { programFile } from '../../program-file.ts';
import { scaled } from '../../time-scale.ts';
import type {
  CertificateAuthority,
  FurtherCa,
  FurtherCaOptions,
  FurtherNameServer,
  RunningEnvironment,
} from '../environment.ts';
import { directoryHost, outsideFolder } from '../outside/outside-services.ts';
import type { DirectoryFailure, NameServerFailure } from '../server-failure.ts';
import { cellPaths } from './cell-paths.ts';
import { Front } from './fronts/front.ts';
import { frontIdentities } from './fronts/front-identities.ts';
import { type KeeperSpec, keeperSpecSchema } from './keeper-protocol.ts';

const directoryFront = programFile(import.meta.dirname, 'fronts', 'directory-front');
const nameServerFront = programFile(import.meta.dirname, 'fronts', 'name-server-front');
const managementRequest = programFile(import.meta.dirname, 'management-request');
const readyWithinMs = 15_000;
/** Below the ports that the kernel gives to outgoing connections (ip_local_port_range). */
const portRange = { from: 20_000, to: 32_000 } as const;

/**
 * Starts a further Pebble outside a cell's cluster, beside the CA of the cell and under the same host name. It ends with this
 * process at the latest, unless it outlives it.
 *
 * @throws Error with what it said last, if it does not serve in time
 */
export async function startFurtherPebble(
  cell: Pick<RunningEnvironment, 'name' | 'nameServers' | 'spawnOutside'>,
  { reusesAuthorizations = false, canFail = false, outlives = false, nameServer, ...options }: FurtherCaOptions,
): Promise<FurtherCa> {
  const variant: PebbleVariant = { ...options, authzReusePercent: reusesAuthorizations ? 100 : 0 };
  const paths = cellPaths(cell.name);
  const [spec, certificate, privateKey, root] = await Promise.all([
    readFile(paths.spec, 'utf8').then((text): KeeperSpec => keeperSpecSchema.parse(JSON.parse(text))),
    ...['acme-directory.crt', 'acme-directory.key', 'ca.crt'].map((file) => readFile(join(paths.pki, file), 'utf8')),
  ]);
  const program = spec.binaries[pebble.program];
  if (program === undefined) throw new Error(`the cell '${cell.name}' was started without Pebble`);
  const directoryPort = await freePort(paths.outside);
  const ownPort = canFail ? await freePort(paths.outside) : directoryPort;
  const folder = folderOf(directoryPort);
  const setup = setUpPebble(
    {
      folder: `${outsideFolder}/${folder}`,
      listenAddress: '0.0.0.0',
      host: directoryHost,
      directoryPort: ownPort,
      managementPort: directoryPort + 1,
      identity: { certificate: certificate ?? '', privateKey: privateKey ?? '', root: root ?? '' },
      nameServer: nameServer ?? `${cell.nameServers[0]}:53`,
      http01Port: 80,
      tlsAlpn01Port: 443,
    },
    variant,
  );
  await Promise.all(
    setup.files.map(({ name, content }) => writeFile(join(paths.outside, folder, name), content, { mode: 0o600 })),
  );
  const variables = Object.entries(setup.environment).map(([name, value]) => `${name}=${value}`);
  const logFile = join(paths.logs, `${folder}.log`);
  const command = ['env', ...variables, program, ...setup.arguments];
  const start = async () => {
    if (!outlives) return await serving(cell.spawnOutside([...endsWithStdin, ...command]), logFile);
    const output = `${outsideFolder}/${folder}/output`;
    await writeFile(join(paths.outside, folder, 'output'), '', { mode: 0o600 });
    cell.spawnOutside(['sh', '-c', 'exec "$@" >>"$0" 2>&1', output, ...command], 'none').unref();
    const reading = cell.spawnOutside([...endsWithStdin, 'tail', '-n', '+1', '-f', output]);
    return await serving(reading, logFile);
  };
  let running = await start();
  // It needs nobody who reads what it says.
  if (outlives) await ended(running);
  const front = canFail
    ? await startDirectoryFront(cell, { port: directoryPort, upstreamPort: ownPort }, logFile)
    : null;
  return {
    ca: authority({
      directoryPort,
      logFile,
      address: cell.nameServers[0] ?? '',
      directoryCaFile: join(paths.pki, 'ca.crt'),
    }),
    async restart() {
      await ended(running);
      running = await start();
    },
    pause: () => void running.stdin?.write('STOP\n'),
    resume: () => void running.stdin?.write('CONT\n'),
    async fail(how) {
      if (front === null) throw new Error('nothing stands before this CA that could fail');
      await front.fail(how);
    },
    async setRenewalInfo(certificate, answer) {
      const asked = {
        port: directoryPort + 1,
        address: cell.nameServers[0] ?? '',
        host: directoryHost,
        ca: root ?? '',
        path: '/set-renewal-info/',
        body: JSON.stringify({ Certificate: certificate, ARIResponse: JSON.stringify(answer) }),
      };
      const request = cell.spawnOutside([process.execPath, managementRequest]);
      request.stdin?.end(JSON.stringify(asked));
      const said = request.stdout === null ? '' : await text(request.stdout);
      if (said !== '200') throw new Error(`Pebble refused renewal information: ${said || 'no answer'}`);
    },
    async end() {
      await Promise.all([ended(running), front?.end()]);
    },
  };
}

/** The requests that it keeps from the CA are in the log of the CA, too. */
async function startDirectoryFront(
  cell: Pick<RunningEnvironment, 'name' | 'spawnOutside'>,
  ports: { readonly port: number; readonly upstreamPort: number },
  logFile: string,
): Promise<Front<DirectoryFailure>> {
  const identities = await frontIdentities(cellPaths(cell.name).pki, directoryHost);
  const front = { name: 'a further CA', program: directoryFront, configuration: { ...ports, identities } };
  return await Front.start(cell, front, (line) => appendFileSync(logFile, `${line}\n`));
}

/** Starts a further name server outside a cell's cluster, which passes questions on to the one there. @throws Error if it does not start */
export async function startFurtherNameServer(
  cell: Pick<RunningEnvironment, 'name' | 'nameServers' | 'spawnOutside'>,
): Promise<FurtherNameServer> {
  const [address] = cell.nameServers;
  if (address === undefined) throw new Error('the cell has no name server');
  const port = await freePort(cellPaths(cell.name).outside);
  const configuration = { address, port, upstreamPort: 53 };
  const options = { name: 'the name server', program: nameServerFront, configuration };
  const front = await Front.start<NameServerFailure>(cell, options);
  return { address, port, fail: (how) => front.fail(how), end: () => front.end() };
}

/**
 * nsenter(1) does not hand signals on to what it started, so that the program gets the signals that are written to its stdin, one a
 * line, and ends when its stdin does.
 */
const endsWithStdin = [
  'sh',
  '-c',
  'exec 3<&0; "$@" </dev/null & started=$!; { while read -r signal <&3; do kill -s "$signal" $started; done; kill -s KILL $started; } & { wait $started; } 2>/dev/null',
  'sh',
];

let nextPort = portRange.from + 2 * Math.floor(Math.random() * 2_000);

/** The folder of a server outside, by the first of its two ports. */
function folderOf(port: number): string {
  return `pebble-${port}`;
}

/** Two ports that no other server of the cell has, nor had before: each has its folder there, which is made here. */
async function freePort(outside: string): Promise<number> {
  for (;;) {
    nextPort = nextPort + 2 < portRange.to ? nextPort + 2 : portRange.from;
    const port = nextPort;
    try {
      await mkdir(join(outside, folderOf(port)));
      return port;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

async function serving(process: ChildProcess, logFile: string): Promise<ChildProcess> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const log = createWriteStream(logFile, { flags: 'a', mode: 0o600 });
  let said = '';
  process.stdout?.setEncoding('utf8').on('data', (text: string) => {
    log.write(text);
    said = `${said}${text}`.slice(-4_000);
    if (said.includes(pebble.readyLine)) resolve();
  });
  process.stdin?.on('error', () => {});
  process.once('error', reject);
  process.once('exit', (code) => {
    log.end();
    reject(new Error(`a further Pebble ended with status ${code}: ${said.trim().split('\n').at(-1)}`));
  });
  const timer = setTimeout(
    () => reject(new Error(`a further Pebble did not serve within ${scaled(readyWithinMs)} ms: ${said.trim()}`)),
    scaled(readyWithinMs),
  );
  try {
    await promise;
    return process;
  } catch (error) {
    process.stdin?.end();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

async function ended(process: ChildProcess): Promise<void> {
  if (process.exitCode !== null || process.signalCode !== null) return;
  const exit = once(process, 'exit');
  process.stdin?.end();
  await exit;
}

interface FurtherAuthority {
  readonly directoryPort: number;
  readonly logFile: string;
  readonly address: string;
  readonly directoryCaFile: string;
}

function authority({ directoryPort, logFile, address, directoryCaFile }: FurtherAuthority): CertificateAuthority {
  return {
    directoryUrl: `https://${directoryHost}:${directoryPort}${pebble.directoryPath}`,
    directoryCaFile,
    software: pebble.software,
    version: pinnedComponent(pebble.component).version,
    settings: pebble.settings,
    userAgent: pebble.validationUserAgent,
    log: { file: logFile, timeOfLine: (line) => pebble.timeOfLogLine(line) },
    async roots(get) {
      const trust = await readFile(directoryCaFile, 'utf8');
      const root = (path: string) =>
        onceListening(() => get(`https://${directoryHost}:${directoryPort + 1}${path}`, address, trust));
      return await Promise.all((pebble.rootPaths ?? []).map(root));
    },
  };
}

/** Pebble says that it serves a moment before its management port takes connections; nothing tells that moment, so this polls. */
async function onceListening(get: () => Promise<string>): Promise<string> {
  const deadline = Date.now() + scaled(readyWithinMs);
  for (;;) {
    try {
      return await get();
    } catch (error) {
      if (!messageOf(error).includes('ECONNREFUSED') || Date.now() > deadline) throw error;
      await delay(100);
    }
  }
}
