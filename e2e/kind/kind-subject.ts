import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { buildComponents } from '../../src/components/index.ts';
import type { ContractSubject } from '../../src/environment/environment.contract.ts';
import { startKind } from '../../src/environment/kind/kind.ts';
import { kindPaths } from '../../src/environment/kind/kind-paths.ts';
import { readKindRecord } from '../../src/environment/kind/kind-record.ts';
import { imageOf } from '../../src/platform/component-image.ts';

/** The options that e2e/kind-rig/rig.sh prints where nothing can be pulled. */
function rigOptions() {
  return parseArgs({
    args: [...rigArguments()],
    options: {
      'node-image': { type: 'string' },
      'image-archive': { type: 'string' },
      'kind-config': { type: 'string' },
      provider: { type: 'string', default: 'docker' },
    },
  }).values;
}

/** The same options, for a command line of Padlock. */
export function rigArguments(): readonly string[] {
  return (process.env.PADLOCK_KIND_OPTIONS ?? '').split(' ').filter((word) => word !== '');
}

/** A fresh kind environment. */
export async function startKindSubject(): Promise<ContractSubject> {
  const values = rigOptions();
  const { signal } = new AbortController();
  const components = await buildComponents({ signal, onProgress: () => {} });
  const name = `contract-${randomBytes(3).toString('hex')}`;
  const environment = await startKind({
    name,
    nodeImage: values['node-image'] ?? null,
    imageArchives: values['image-archive'] ?? null,
    configuration: values['kind-config'] ?? null,
    provider: values.provider,
    signal,
    onPhase: () => {},
  });
  const keeper = (await readKindRecord(name))?.keeper?.pid;
  return {
    environment,
    images: {
      httpbin: imageOf(components, 'docker.io/mccutchen/go-httpbin').name,
      proxy: imageOf(components, 'docker.io/istio/proxyv2').name,
    },
    imagePullPolicy: values['image-archive'] === undefined ? 'IfNotPresent' : 'Never',
    left: async () => [
      ...(await leftOf(name)),
      ...(keeper !== undefined && existsSync(`/proc/${keeper}`) ? [`/proc/${keeper}`] : []),
    ],
  };
}

/** What is left of environments whose name begins so: containers, networks, volumes and folders. */
export async function leftOf(name: string): Promise<readonly string[]> {
  const { root, outside } = kindPaths(name);
  const roots = await readdir(dirname(root)).catch(() => []);
  return [
    ...containersOf(name),
    ...networksOf(name),
    ...volumesOf(name),
    ...roots.filter((found) => found.startsWith(name)),
    ...(existsSync(outside) ? [outside] : []),
  ];
}

function engineLines(args: readonly string[]): readonly string[] {
  return spawnSync(rigOptions().provider, args, { encoding: 'utf8' })
    .stdout.split('\n')
    .filter((line) => line !== '');
}

function containersOf(name: string): readonly string[] {
  return engineLines(['container', 'ls', '--all', '--format', '{{.Names}}']).filter((line) => line.includes(name));
}

function networksOf(name: string): readonly string[] {
  return engineLines(['network', 'ls', '--format', '{{.Name}}']).filter((line) => line.includes(name));
}

function volumesOf(name: string): readonly string[] {
  return engineLines(['volume', 'ls', '--format', '{{.Name}} {{.Labels}}']).filter((line) => line.includes(name));
}
