import type { Components } from '../components/index.ts';
import type { PlatformInstaller } from '../environment/platform-installer.ts';
import { preloadKubeClient } from '../kube/client.ts';
import { installPlatform, platformDigest, platformManifests } from '../platform/install.ts';
import type { ChosenParts } from '../platform/platform-versions.ts';

/** Installs the platform from built components. Rendering begins at once: while an API server starts, one core waits. */
export function platformInstaller(
  components: Components,
  chosen: ChosenParts,
  onPhase: (phase: string) => void,
): PlatformInstaller {
  const rendering = platformManifests(components, chosen);
  const digest = rendering.then((manifests) => platformDigest(manifests, components));
  // Loading keeps this process busy: the digest, for which an environment waits, comes first.
  const loading = digest.then(() => preloadKubeClient());
  const objects = loading.then(() => rendering);
  // A failure is thrown where the objects are awaited, which may be after the environment failed.
  for (const promise of [digest, objects]) promise.catch(() => {});
  return {
    objects,
    digest,
    async install(kube, request) {
      const { objects: manifests, clusterDnsAddress, isRestored, signal } = request;
      await installPlatform({ kube, components, manifests, clusterDnsAddress, isRestored, signal, onPhase });
    },
  };
}
