import { catalogue, httpbinVersion } from '../../components/catalogue.ts';
import type { Components } from '../../components/index.ts';
import { pebbleImage } from '../../environment/ca/pebble.ts';
import type { InstallPart } from '../../environment/existing/install-parts.ts';
import { type ExistingInstallation, prepareInstallation } from '../../environment/existing/installation.ts';
import { connectExisting, type RunningExisting } from '../../environment/existing/running-existing.ts';
import type { KubeClient } from '../../kube/client.ts';
import { installPlatform, type PlatformManifests, platformManifests } from '../../platform/install.ts';
import { UserError } from '../../user-error.ts';
import { dnsUpdatesOf } from './dns-update-options.ts';
import { externalAccountOf } from './external-account-options.ts';

/** The options of `padlock run --environment existing`. */
export interface ExistingEnvironmentOptions {
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly gateway?: string;
  readonly directory?: string;
  readonly directoryCa?: string;
  readonly caRoot?: readonly string[];
  readonly caUserAgent?: string;
  readonly eabKid?: string;
  readonly eabHmacKeyFile?: string;
  readonly domain?: string;
  readonly dnsHook?: string;
  readonly addressDomain?: string;
  readonly nameServer?: readonly string[];
  readonly dnsUpdateServer?: string;
  readonly dnsUpdateKey?: string;
  readonly httpbinImage?: string;
  readonly install?: readonly InstallPart[];
  readonly pebbleImage?: string;
  readonly allowClusterChanges: boolean;
}

/** By option, as the command line has it: what is for an existing cluster only. */
const onlyForExisting = {
  kubeconfig: '--kubeconfig',
  context: '--context',
  gateway: '--gateway',
  domain: '--domain',
  dnsHook: '--dns-hook',
  addressDomain: '--address-domain',
  nameServer: '--name-server',
  dnsUpdateServer: '--dns-update-server',
  dnsUpdateKey: '--dns-update-key',
  httpbinImage: '--httpbin-image',
  install: '--install',
  pebbleImage: '--pebble-image',
} as const;

/** The image of the application in its registry, for clusters that pull. */
export function httpbinImageOf({ httpbinImage }: ExistingEnvironmentOptions): string {
  return httpbinImage ?? `docker.io/mccutchen/go-httpbin:${httpbinVersion}`;
}

/** @throws UserError (2) where an option is given that only an existing cluster has */
export function refuseExistingOptions(options: ExistingEnvironmentOptions): void {
  const given: string[] = Object.entries(onlyForExisting).flatMap(([name, flag]) =>
    options[name as keyof typeof onlyForExisting] === undefined ? [] : flag,
  );
  if (options.allowClusterChanges) given.push('--allow-cluster-changes');
  if (given.length > 0) throw new UserError(`${given.join(', ')}: only for --environment existing.`);
}

/** By option: what says which CA there is, and so has no place beside one that is installed. */
export const ofAnotherCa = {
  directory: '--directory',
  directoryCa: '--directory-ca',
  caRoot: '--ca-root',
  caUserAgent: '--ca-user-agent',
  eabKid: '--eab-kid',
  eabHmacKeyFile: '--eab-hmac-key-file',
} as const;

/**
 * Finds the cluster and what is in it; with `--install`, makes ready for that.
 *
 * @throws UserError (2) for options that do not go together; see {@link connectExisting} and {@link prepareInstallation}
 */
export async function existingEnvironment(
  options: ExistingEnvironmentOptions,
  run: string,
  signal: AbortSignal,
): Promise<RunningExisting | ExistingInstallation> {
  const { kubeconfig, directory, directoryCa, caRoot = [], caUserAgent, install = [], ...others } = options;
  if (kubeconfig === undefined)
    throw new UserError('--environment existing needs --kubeconfig, the cluster to run on.');
  const bringsCa = install.includes('pebble');
  if (options.pebbleImage !== undefined && !bringsCa) throw new UserError('--pebble-image is for --install pebble.');
  const given = Object.entries(ofAnotherCa).flatMap(([name, flag]) =>
    options[name as keyof typeof ofAnotherCa] === undefined ? [] : flag,
  );
  if (bringsCa && given.length > 0) {
    throw new UserError(`${given.join(', ')}: for a CA that is there already, not for --install pebble.`);
  }
  const request = { ...others, dnsUpdates: await dnsUpdatesOf(options), kubeconfig, run, signal };
  if (bringsCa) {
    return await prepareInstallation({
      ...request,
      install,
      ca: null,
      pebbleImage: options.pebbleImage ?? pebbleImage,
    });
  }
  if (directory === undefined) {
    throw new UserError(
      '--environment existing needs --directory, the URL of the ACME directory of the CA, or --install pebble.',
    );
  }
  const externalAccount = await externalAccountOf(options);
  const ca = { directory, directoryCa, caRoot, caUserAgent, externalAccount };
  if (install.length === 0) return await connectExisting({ ...request, ca });
  return await prepareInstallation({ ...request, install, ca, pebbleImage });
}

/** The components whose manifests and images a part is made of. Pebble's image is its project's. */
const componentsOf: Readonly<Record<InstallPart, readonly string[]>> = {
  istio: ['istio', 'envoy'],
  'cert-manager': ['cert-manager'],
  pebble: [],
};

/** What is not as its project releases it among what was installed, a sentence each. */
export function notUpstreamInstalled({ install = [] }: ExistingEnvironmentOptions): readonly string[] {
  const ids = install.flatMap((part) => componentsOf[part]);
  return catalogue.filter(({ id }) => ids.includes(id)).flatMap(({ notUpstream }) => notUpstream ?? []);
}

interface InstallRequest {
  /** Null where the installation needs none. */
  readonly components: Components | null;
  readonly signal: AbortSignal;
  onPhase(phase: string): void;
}

/** Installs by the same manifests as in a cell. On failure nothing of it is left. */
export async function installed(
  installation: ExistingInstallation,
  { components, signal, onPhase }: InstallRequest,
): Promise<RunningExisting> {
  const platform =
    components === null
      ? null
      : {
          objects: await platformManifests(components),
          install: (kube: KubeClient, manifests: PlatformManifests, until: AbortSignal) =>
            installPlatform({ kube, components, manifests, clusterDnsAddress: null, signal: until, onPhase }),
        };
  return await installation.perform({ platform, signal, onPhase });
}
