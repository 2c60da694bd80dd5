import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access } from 'node:fs/promises';
import type { ContainerRuntimeClient } from 'testcontainers';
import { findProgram } from '../../find-program.ts';
import { UserError } from '../../user-error.ts';

/** The container engines that both kind and testcontainers support. */
export const kindProviders = ['docker', 'podman'] as const;
export type KindProvider = (typeof kindProviders)[number];

const answersWithinMs = 20_000;

/**
 * Connects to the container engine and checks that it answers.
 *
 * @throws UserError (3): it is missing, does not answer, or denies this user; (2) for an engine without an API
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
  // Loaded late: it takes a quarter of a second, which other environments do not need.
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
 * The address of podman's API, as podman reports it. On its own, testcontainers would choose a Docker engine on the same machine.
 *
 * @throws UserError (3) if its socket does not exist
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

/** Why an engine did not answer, from the output of its command line. */
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
