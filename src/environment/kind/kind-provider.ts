import { existsSync } from 'node:fs';
import type { EnvironmentProvider } from '../provider.ts';
import { reachable } from '../reachable.ts';
import { kindLogs } from './kind-logs.ts';
import type { KindOptions } from './kind-options.ts';
import { kindPaths } from './kind-paths.ts';
import { outsideImages } from './outside-images.ts';
import { PreparedKind } from './prepared-kind.ts';

/** kind clusters, with everything outside in containers beside the node. The container engine's client is loaded late. */
export const kindProvider: EnvironmentProvider<KindOptions> = {
  pulledImages: { images: Object.values(outsideImages).sort(), unnamed: "kind's node image" },

  async prepare(request) {
    const { on, kindConfig, imageArchive } = request.options;
    // Before anything is made; the start reads them again.
    if (kindConfig !== undefined) await (await import('./kind-configuration.ts')).readKindConfiguration(kindConfig);
    if (imageArchive !== undefined) await (await import('./image-archives.ts')).archiveFilesIn(imageArchive);
    const running = on === undefined ? null : await (await import('./kind.ts')).connectKind(on);
    return new PreparedKind(request, running);
  },

  async find(name) {
    const { root, kubeconfig } = kindPaths(name);
    if (!existsSync(root)) return null;
    return {
      name,
      title: `kind environment '${name}'`,
      kubeconfig,
      logs: () => kindLogs(name),
      connect: async () => reachable(await (await import('./kind.ts')).connectKind(name)),
    };
  },

  async list() {
    const { kindStates } = await import('./kind-state.ts');
    return (await kindStates()).map(({ name, phase, record, failure }) => ({
      name,
      phase,
      since: record?.createdAt ?? null,
      where: record?.provider ?? null,
      kubeconfig: kindPaths(name).kubeconfig,
      failure,
      advice: adviceFor(name, phase),
    }));
  },

  remove: async (name) => await (await import('./remains.ts')).removeKindRemains(name),
};

function adviceFor(name: string, phase: string): string | null {
  if (phase === 'unfinished') {
    return `It is starting, or its start was killed. In that case 'padlock down ${name}' removes what is left.`;
  }
  return phase === 'ended' ? `It no longer runs. 'padlock down ${name}' removes what is left.` : null;
}
