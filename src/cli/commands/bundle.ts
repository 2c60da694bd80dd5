import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { collectBundle } from '../../bundle/index.ts';
import { environmentNamed } from '../../environment/registry/providers.ts';
import { messageOf } from '../../error-message.ts';
import { KubeClient } from '../../kube/client.ts';
import type { IstioKubeconfig } from '../../kube/connection.ts';
import { makeFolder } from '../../report/folder/make-folder.ts';
import { UserError } from '../../user-error.ts';
import { type IstioOptions, istioKubeconfigOf } from '../options/istio-kubeconfig.ts';
import type { CommandContext } from './command-context.ts';

interface BundleCommandOptions extends IstioOptions {
  readonly name?: string | undefined;
  readonly kubeconfig?: string | undefined;
  readonly context?: string | undefined;
  readonly namespace?: readonly string[] | undefined;
  readonly output?: string | undefined;
}

interface Source {
  readonly kubeconfig: string;
  readonly context: string | undefined;
  readonly istio: IstioKubeconfig | undefined;
  readonly logs: ReadonlyMap<string, string>;
  /** The namespaces that are the environment's own in a cluster that others use, too; null for all. */
  namespaces(kube: KubeClient): Promise<readonly string[] | null>;
}

/**
 * `padlock bundle`: collects diagnostics of an environment, also of one that failed, or of any cluster. It changes nothing. The
 * folder's path goes to stdout.
 *
 * @returns 4 if something could not be collected
 */
export async function bundle(options: BundleCommandOptions, { signal }: CommandContext): Promise<number> {
  const { kubeconfig, context, istio, logs, ...source } = await sourceOf(options);
  const folder = options.output ?? `bundle-${new Date().toISOString().replaceAll(':', '-').replace(/\..*$/, 'Z')}`;
  await using kube = await KubeClient.open({ path: kubeconfig, context, istio });
  const above = dirname(folder);
  try {
    await makeFolder(above);
  } catch (error) {
    const reason = messageOf(error);
    throw new UserError(`Cannot create the folder ${above} for the bundle: ${reason}.`, { cause: error });
  }
  const namespaces = options.namespace ?? (await source.namespaces(kube));
  const { files, problems } = await collectBundle({
    kube,
    folder,
    logs,
    ...(namespaces === null ? {} : { namespaces }),
    signal,
    onProblem: (sentence) => process.stderr.write(`${sentence}\n`),
  });
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  process.stderr.write(
    `${files.length} files, ${(bytes / 1_000_000).toFixed(1)} MB; secrets are left out. README.md describes each file.\n`,
  );
  process.stdout.write(`${folder}\n`);
  return problems.length === 0 ? 0 : 4;
}

async function sourceOf(options: BundleCommandOptions): Promise<Source> {
  const { name, kubeconfig, context } = options;
  const istio = istioKubeconfigOf(options);
  if (kubeconfig === undefined && context === undefined) {
    const environment = await environmentNamed(name ?? 'default');
    return {
      ...{ kubeconfig: environment.kubeconfig, context: environment.context, logs: await environment.logs() },
      istio: istio ?? environment.istio,
      namespaces: async (kube) => (await environment.namespaces?.(kube)) ?? null,
    };
  }
  if (name !== undefined) {
    throw new UserError(
      'Pass either --name for an environment of Padlock, or --kubeconfig and --context for any other cluster.',
    );
  }
  return {
    kubeconfig: kubeconfig ?? defaultKubeconfig(),
    context,
    istio,
    logs: new Map(),
    namespaces: async () => null,
  };
}

/** Where kubectl looks. */
function defaultKubeconfig(): string {
  const [first] = (process.env.KUBECONFIG ?? '').split(delimiter);
  return first === undefined || first === '' ? join(homedir(), '.kube', 'config') : first;
}
