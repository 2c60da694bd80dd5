import type { Components } from '../components/index.ts';
import type { PlatformInstaller } from '../environment/platform-installer.ts';
import { preloadKubeClient } from '../kube/client.ts';
import { installPlatform, platformManifests } from '../platform/install.ts';
import type { ChosenParts } from '../platform/platform-versions.ts';

/** Installs the platform from built components. Rendering begins at once: while an API server starts, one core waits. */
export function platformInstaller(
  components: Components,
  chosen: ChosenParts,
  onPhase: (phase: string) => void,
): PlatformInstaller {
  const preparing = Promise.all([platformManifests(components, chosen), preloadKubeClient()]);
  // A failure is thrown where the objects are awaited, which may be after the environment failed.
  preparing.catch(() => {});
  const objects = preparing.then(([manifests]) => manifests);
  objects.catch(() => {});
  return {
    objects,
    async install(kube, request) {
      const { objects: manifests, clusterDnsAddress, signal } = request;
      await installPlatform({ kube, components, manifests, clusterDnsAddress, signal, onPhase });
    },
  };
}
