import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access } from 'node:fs/promises';
import type { ContainerRuntimeClient } from 'testcontainers';
import { findProgram } from '../../find-program.ts';
import { UserError } from '../../user-error.ts';

/** What kind can make its nodes with and testcontainers can speak to. */
export const kindProviders = ['docker', 'podman'] as const;
export type KindProvider = (typeof kindProviders)[number];

const answersWithinMs = 20_000;

/**
 * The container engine, after it was asked whether it answers.
 *
 * @throws UserError (3) in one sentence: it is not there, does not answer, or not to this user; (2) for one that has no API
 */
export async function openContainerEngine(provider: string): Promise<ContainerRuntimeClient> {
  if (!isKindProvider(provider)) {
    throw new UserError(
      provider === 'nerdctl'
        ? 'nerdctl has no Docker API, which the containers beside the node need. Use --provider docker or podman.'
        : `Unknown provider '${provider}'. Known providers: ${kindProviders.join(', ')}.`,
    );
  }
  const program = await findProgram(provider);
  if (program === null) {
    throw new UserError(
      `--environment kind needs ${provider}, which is not on the PATH. Install it, or use --environment cell, which needs no container engine.`,
      { exitCode: 3 },
    );
  }
  const { status, said } = await ask(program, ['version', '--format', '{{.Server.Version}}']);
  if (status !== 0) throw engineProblem(provider, said);
  if (provider === 'podman' && process.env.DOCKER_HOST === undefined)
    process.env.DOCKER_HOST = await podmanHost(program);
  // Loaded late: it takes a quarter of a second that other environments need not spend.
  const { getContainerRuntimeClient } = await import('testcontainers');
  try {
    return await getContainerRuntimeClient();
  } catch (error) {
    throw new UserError(
      `${provider} answers on the command line, but testcontainers finds no socket of it; set DOCKER_HOST to it.`,
      { exitCode: 3, cause: error },
    );
  }
}

function isKindProvider(provider: string): provider is KindProvider {
  return (kindProviders as readonly string[]).includes(provider);
}

/**
 * Where podman's API is, as podman itself says: testcontainers would take a Docker engine beside it instead.
 *
 * @throws UserError (3) where its socket is not there
 */
async function podmanHost(program: string): Promise<string> {
  const { status, said } = await ask(program, ['info', '--format', '{{.Host.RemoteSocket.Path}}']);
  if (status !== 0) throw engineProblem('podman', said);
  const socket = said.trim().replace(/^unix:\/\//, '');
  const isThere = await access(socket).then(
    () => true,
    () => false,
  );
  if (isThere) return `unix://${socket}`;
  throw new UserError(
    `The socket of podman's API, which the containers beside the node need, does not exist (${socket}). Start it with 'systemctl start podman.socket' (rootless: 'systemctl --user start podman.socket'), or set DOCKER_HOST.`,
    { exitCode: 3 },
  );
}

async function ask(program: string, args: readonly string[]): Promise<{ status: number | null; said: string }> {
  const child = spawn(program, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: answersWithinMs,
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
  }
  const [status] = (await once(child, 'close')) as [number | null];
  return { status, said };
}

/** What is wrong with an engine that did not answer, by what its command line said. */
export function engineProblem(provider: string, said: string): UserError {
  const where = /(?:at|unix:\/\/|dial unix )\s*((?:unix:\/\/|tcp:\/\/)?\/?\S*\.sock|tcp:\/\/\S+)/.exec(said)?.[1];
  const at = where === undefined ? '' : ` (${where.replace(/[.,:?]+$/, '')})`;
  if (/permission denied/i.test(said)) {
    return new UserError(
      `This user has no permission to use ${provider}${at}. Run as root, or add the user to its group ('sudo usermod -aG ${provider} "$USER"', then log in again).`,
      { exitCode: 3 },
    );
  }
  if (/cannot connect|connection refused|no such file|is the docker daemon running/i.test(said)) {
    return new UserError(
      `The engine of ${provider} is not running${at}. Start it, e.g. with 'sudo systemctl start ${provider}', or set DOCKER_HOST.`,
      { exitCode: 3 },
    );
  }
  const first = said.split('\n').find((line) => line.trim() !== '') ?? `no answer within ${answersWithinMs / 1000} s`;
  return new UserError(`${provider} does not answer${at}: ${first.trim()}.`, { exitCode: 3 });
}
