import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { extract } from 'tar-stream';
import type { ContainerRuntimeClient, StartedTestContainer } from 'testcontainers';
import { messageOf } from '../../error-message.ts';
import { UserError } from '../../user-error.ts';
import { createAuthority, issueCertificate } from '../certificates.ts';
import { toxiproxyConfiguration } from '../directory-proxy.ts';
import { caServerFolder, directoryHost, directoryPort, setUpOwnCa } from '../outside/outside-services.ts';
import { addressUpdate, domain, nameServerConfiguration, updateKey, zoneFile } from '../outside/zone.ts';
import { kindCaServer } from './kind-ca-server.ts';
import { environmentLabel } from './kind-labels.ts';
import type { outsideImages } from './outside-images.ts';

const startedWithinMs = 60_000;
const updateKeyFile = '/etc/bind/update.key';

/** A container of this environment, on its network. */
export interface OutsideContainer {
  readonly container: string;
  readonly address: string;
}

export interface Outside {
  readonly nameServer: OutsideContainer;
  readonly ca: OutsideContainer;
  /** The address that the directory's host name resolves to. */
  readonly directoryProxy: OutsideContainer;
  /** The root of the directory's certificate, PEM. */
  readonly directoryRoot: string;
  /** The roots of issued chains, PEM; null if they come from the CA's management endpoint. */
  readonly issuingRoots: readonly string[] | null;
}

interface OutsideRequest {
  readonly environment: string;
  readonly network: string;
  readonly engine: ContainerRuntimeClient;
  /** Whether testcontainers' reaper removes them when this process ends. */
  readonly reaped: boolean;
  readonly images: Readonly<Record<keyof typeof outsideImages, string>>;
  readonly logs: string;
}

interface File {
  readonly content: string;
  readonly target: string;
  readonly mode?: number;
}

interface ContainerRequest {
  readonly part: string;
  readonly image: string;
  readonly command: readonly string[];
  readonly entrypoint?: readonly string[];
  readonly files: readonly File[];
  readonly settings?: Readonly<Record<string, string>>;
  /** The log line that shows that it is serving. */
  readonly ready: RegExp | string;
}

/** Starts the name server, the CA that uses it, and the proxy in front of the CA's directory. @throws UserError (3) naming the image that did not start */
export async function startOutside(request: OutsideRequest): Promise<Outside> {
  const authority = await createAuthority('padlock-outside-ca');
  const identity = await issueCertificate(authority, {
    commonName: directoryHost,
    usage: 'server',
    dnsNames: [directoryHost],
  });
  const nameServer = await startContainer(request, {
    part: 'named',
    image: request.images.nameServer,
    entrypoint: ['named'],
    // -g: in the foreground, with its log on stderr.
    command: ['-g', '-4', '-n', '1', '-c', '/etc/bind/named.conf'],
    files: [
      { target: '/etc/bind/named.conf', content: nameServerConfiguration() },
      { target: updateKeyFile, content: updateKey(), mode: 0o600 },
      // Its address is unknown before it starts; it is set below.
      { target: `/var/cache/bind/${domain}.zone`, content: zoneFile('127.0.0.1') },
    ],
    ready: /all zones loaded/,
  });
  const { certificate, key: privateKey } = identity;
  const setup = await setUpOwnCa(
    kindCaServer,
    { certificate, privateKey, root: authority.certificate },
    nameServer.address,
  );
  const ca = await startContainer(request, {
    part: kindCaServer.id,
    image: request.images.ca,
    command: setup.arguments,
    files: setup.files.map(({ name, content, isSecret }) => ({
      target: `${caServerFolder}/${name}`,
      content,
      ...(isSecret ? { mode: 0o600 } : {}),
    })),
    settings: setup.environment,
    ready: kindCaServer.readyLine,
  });
  const directoryProxy = await startContainer(request, {
    part: 'toxiproxy',
    image: request.images.directoryProxy,
    command: ['-host', '0.0.0.0', '-config', '/etc/toxiproxy.json'],
    files: [
      {
        target: '/etc/toxiproxy.json',
        content: toxiproxyConfiguration(directoryPort, `${ca.address}:${directoryPort}`),
      },
    ],
    settings: { LOG_LEVEL: 'info' },
    ready: /Populated proxies from file/,
  });
  await Promise.all([
    setAddressesAt(request.engine, nameServer, `ns.${domain}`, [nameServer.address]),
    setAddressesAt(request.engine, nameServer, directoryHost, [directoryProxy.address]),
  ]);
  return { nameServer, ca, directoryProxy, directoryRoot: setup.directoryRoot, issuingRoots: setup.issuingRoots };
}

async function startContainer(request: OutsideRequest, wanted: ContainerRequest): Promise<OutsideContainer> {
  const { GenericContainer, Wait } = await import('testcontainers');
  const container = new GenericContainer(wanted.image)
    .withNetworkMode(request.network)
    .withName(`${request.network}-${wanted.part}`)
    .withLabels({ [environmentLabel]: request.environment })
    .withCommand([...wanted.command])
    .withEnvironment({ ...wanted.settings })
    .withCopyContentToContainer(wanted.files.map((file) => ({ ...file })))
    .withAutoCleanup(request.reaped)
    .withWaitStrategy(Wait.forLogMessage(wanted.ready))
    .withStartupTimeout(startedWithinMs)
    .withLogConsumer((stream) => void stream.pipe(createWriteStream(join(request.logs, `${wanted.part}-start.log`))));
  if (wanted.entrypoint) container.withEntrypoint([...wanted.entrypoint]);
  const started = await container.start().catch((error: unknown) => {
    throw containerProblem(wanted.image, error);
  });
  return { container: started.getId(), address: addressOn(started, request.network) };
}

function addressOn(container: StartedTestContainer, network: string): string {
  return container.getIpAddress(network);
}

/** Why a container beside the node did not start, in one sentence. */
export function containerProblem(image: string, error: unknown): UserError {
  const reason = messageOf(error);
  const isMissing = /pull access denied|manifest unknown|not found|no such image|lookup|dial tcp|denied|timeout/i.test(
    reason,
  );
  const help = isMissing
    ? '; pull it before, bring it by --image-archive, or name a mirror by --registry-mirror'
    : /no space left/i.test(reason)
      ? '; free space on the disk of the container engine'
      : '';
  return new UserError(`The image ${image} could not be started beside the node (${reason.split('\n')[0]})${help}.`, {
    exitCode: 3,
    cause: error,
  });
}

/** Replaces the addresses of a host with a dynamic update (RFC 2136). @throws Error if the name server refuses it */
export async function setAddressesAt(
  engine: ContainerRuntimeClient,
  nameServer: OutsideContainer,
  host: string,
  addresses: readonly string[],
): Promise<void> {
  const said = await execWithInput(
    engine,
    nameServer.container,
    ['nsupdate', '-k', updateKeyFile],
    addressUpdate(host, addresses, '127.0.0.1'),
  );
  if (said.status !== 0) throw new Error(`nsupdate ended with status ${said.status}: ${said.output.trim()}`);
}

/**
 * The name server's key for updates, in BIND's syntax. It exists only in the container. It is read without running a program
 * in the container, because the image may have none.
 */
export async function updateKeyAt(
  { container }: ContainerRuntimeClient,
  nameServer: OutsideContainer,
): Promise<string> {
  const archive = await container.fetchArchive(container.getById(nameServer.container), updateKeyFile);
  const files = extract();
  archive.pipe(files);
  for await (const file of files) return await text(file);
  throw new Error(`${updateKeyFile} is not in the container of the name server`);
}

/** Runs a program in a container with something on its stdin. */
async function execWithInput(
  engine: ContainerRuntimeClient,
  id: string,
  command: readonly string[],
  input: string,
): Promise<{ status: number; output: string }> {
  const exec = await engine.container.getById(id).exec({
    Cmd: [...command],
    AttachStdin: true,
    AttachStdout: true,
    AttachStderr: true,
  });
  const stream = await exec.start({ hijack: true, stdin: true });
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  const ended = new Promise<void>((resolve, reject) => stream.once('end', resolve).once('error', reject));
  stream.end(input);
  await ended;
  const { ExitCode } = await exec.inspect();
  return { status: ExitCode ?? -1, output: Buffer.concat(chunks).toString('utf8') };
}
