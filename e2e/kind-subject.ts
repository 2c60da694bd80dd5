import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { buildComponents } from '../src/components/index.ts';
import type { ContractSubject } from '../src/environment/environment.contract.ts';
import { startKind } from '../src/environment/kind/kind.ts';
import { kindPaths } from '../src/environment/kind/kind-paths.ts';
import { readKindRecord } from '../src/environment/kind/kind-record.ts';
import { imageOf } from '../src/platform/component-image.ts';

/** Why `--environment kind` cannot be tried on this machine; null where it can. */
export function whyNoKind(): string | null {
  const { provider } = rigOptions();
  const { status, stderr } = spawnSync(provider, ['version', '--format', '{{.Server.Version}}'], { encoding: 'utf8' });
  if (status === 0) return null;
  const [reason = ''] = (stderr ?? `there is no ${provider} on the PATH`).split('\n');
  return `no container engine answers (${reason}); see e2e/kind-rig/README.md`;
}

/** The options that e2e/kind-rig/rig.sh prints where nothing can be pulled. */
function rigOptions() {
  return parseArgs({
    args: (process.env.PADLOCK_KIND_OPTIONS ?? '').split(' ').filter((word) => word !== ''),
    options: {
      'node-image': { type: 'string' },
      'image-archive': { type: 'string' },
      'kind-config': { type: 'string' },
      provider: { type: 'string', default: 'docker' },
    },
  }).values;
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
    async left() {
      const { root, outside } = kindPaths(name);
      return [
        ...containersOf(name),
        ...networksOf(name),
        ...volumesOf(name),
        ...[root, outside, ...(keeper === undefined ? [] : [`/proc/${keeper}`])].filter((path) => existsSync(path)),
      ];
    },
  };
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
