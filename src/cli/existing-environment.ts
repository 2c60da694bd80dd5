import { httpbinVersion } from '../components/catalogue.ts';
import { connectExisting, type RunningExisting } from '../environment/existing/running-existing.ts';
import { UserError } from '../user-error.ts';

/** The options of `padlock run --environment existing`. */
export interface ExistingEnvironmentOptions {
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly gateway?: string;
  readonly directory?: string;
  readonly directoryCa?: string;
  readonly caRoot?: readonly string[];
  readonly caUserAgent?: string;
  readonly domain?: string;
  readonly dnsHook?: string;
  readonly addressDomain?: string;
  readonly nameServer?: readonly string[];
  readonly httpbinImage?: string;
  readonly allowClusterChanges: boolean;
}

/** By option, as the command line has it: what is for an existing cluster only. */
const onlyForExisting = {
  kubeconfig: '--kubeconfig',
  context: '--context',
  gateway: '--gateway',
  directory: '--directory',
  directoryCa: '--directory-ca',
  caRoot: '--ca-root',
  caUserAgent: '--ca-user-agent',
  domain: '--domain',
  dnsHook: '--dns-hook',
  addressDomain: '--address-domain',
  nameServer: '--name-server',
  httpbinImage: '--httpbin-image',
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

/** Finds the cluster and what is in it; see {@link connectExisting} for what it throws. */
export async function existingEnvironment(
  options: ExistingEnvironmentOptions,
  run: string,
  signal: AbortSignal,
): Promise<RunningExisting> {
  const { kubeconfig, directory, caRoot = [], ...others } = options;
  if (kubeconfig === undefined)
    throw new UserError('--environment existing needs --kubeconfig, the cluster to run on.');
  if (directory === undefined) {
    throw new UserError('--environment existing needs --directory, the URL of the ACME directory of the CA.');
  }
  return await connectExisting({ ...others, kubeconfig, directory, caRoot, run, signal });
}
