import { resolve } from 'node:path';
import { pebble } from '../../ca-servers/pebble/pebble.ts';
import { httpbinVersion } from '../../components/catalogue.ts';
import { messageOf } from '../../error-message.ts';
import { parseGivenFields } from '../../evidence/access-log/given-format.ts';
import type { AccessLogFormat } from '../../evidence/access-log/log-field.ts';
import type { IstioKubeconfig } from '../../kube/connection.ts';
import { UserError } from '../../user-error.ts';
import { publishedImage } from '../ca/published-image.ts';
import { externalAccountOf } from '../external-account-options.ts';
import type { PreparedEnvironment, PrepareRequest } from '../provider.ts';
import { flagOf } from '../provider-option.ts';
import { caOptions } from '../shared-options.ts';
import { dnsUpdatesOf } from './dns-update-options.ts';
import type { ExistingOptions } from './existing-options.ts';
import { type ExistingInstallation, prepareInstallation } from './installation.ts';
import { PreparedExisting } from './prepared-existing.ts';
import { connectExisting, type RunningExisting } from './running-existing.ts';

const kubeconfigMissing = '--environment existing needs --kubeconfig for the cluster to run on.';
const caMissing =
  '--environment existing needs a CA: pass the URL of its ACME directory with --directory, or --install pebble.';

type Request = Pick<PrepareRequest<ExistingOptions>, 'name' | 'options' | 'fault' | 'signal'>;

/**
 * Finds the cluster and its components; with `--install`, checks that the components can be installed.
 *
 * @throws UserError (2) for conflicting options; see {@link connectExisting} and {@link prepareInstallation}
 */
export async function prepareExisting(request: Request): Promise<PreparedEnvironment> {
  const { options, fault } = request;
  if (fault !== null) {
    throw new UserError(
      `--fault ${fault} needs --environment cell or kind: a fault breaks parts that other users of an existing cluster need.`,
    );
  }
  return new PreparedExisting({
    cluster: await clusterOf(request),
    install: options.install ?? [],
    applicationImage: options.httpbinImage ?? `docker.io/mccutchen/go-httpbin:${httpbinVersion}`,
  });
}

async function clusterOf({ name: run, options, signal }: Request): Promise<RunningExisting | ExistingInstallation> {
  const { kubeconfig, directory, directoryCa, caRoot = [], caUserAgent, install = [] } = options;
  const bringsCa = install.includes('pebble');
  const noCa = directory === undefined && !bringsCa ? [caMissing] : [];
  if (kubeconfig === undefined) throw new UserError([kubeconfigMissing, ...noCa].join(' '));
  const pebbleImage = options.pebbleImage ?? publishedImage(pebble);
  if (options.pebbleImage !== undefined && !bringsCa) throw new UserError('--pebble-image needs --install pebble.');
  refuseCaOptions(options, bringsCa);
  const { context, gateway, domain, dnsHook, addressDomain, nameServer, allowClusterChanges = false } = options;
  const request = {
    istio: istioOf(options),
    ...{ run, kubeconfig, context, gateway, domain, dnsHook, addressDomain, nameServer, allowClusterChanges, signal },
    dnsUpdates: await dnsUpdatesOf(options),
    accessLogFormats: givenFormats(options),
  };
  if (bringsCa) {
    return await prepareInstallation({ ...request, install, ca: null, pebbleImage });
  }
  if (directory === undefined) {
    throw new UserError(caMissing);
  }
  const externalAccount = await externalAccountOf(options);
  const ca = { directory, directoryCa, caRoot, caUserAgent, externalAccount };
  if (install.length === 0) return await connectExisting({ ...request, ca });
  return await prepareInstallation({ ...request, install, ca, pebbleImage });
}

/** @throws UserError (2) for options that do not go together */
function istioOf({ istioKubeconfig, istioContext, install = [] }: ExistingOptions): IstioKubeconfig | undefined {
  if (istioKubeconfig === undefined) {
    if (istioContext !== undefined) throw new UserError('--istio-context needs --istio-kubeconfig.');
    return undefined;
  }
  if (install.includes('istio')) {
    throw new UserError(
      '--install istio cannot be combined with --istio-kubeconfig: it installs istiod beside the gateway.',
    );
  }
  return { path: resolve(istioKubeconfig), context: istioContext };
}

/** The formats of the access log that the user gave. @throws UserError (2) for keys that are not complete */
function givenFormats({ accessLogFormat, accessLogField }: ExistingOptions): readonly AccessLogFormat[] {
  try {
    return [accessLogFormat ?? [], accessLogField === undefined ? [] : parseGivenFields(accessLogField)].flat();
  } catch (error) {
    throw new UserError(`Invalid --access-log-field: ${messageOf(error)}`, { cause: error });
  }
}

/** @throws UserError (2) for options of another CA together with `--install pebble` */
function refuseCaOptions(options: ExistingOptions, bringsCa: boolean): void {
  const names = Object.keys(caOptions) as readonly (keyof typeof caOptions)[];
  const given = names.filter((name) => options[name] !== undefined).map((name) => flagOf(caOptions[name]));
  if (!bringsCa || given.length === 0) return;
  throw new UserError(`${given.join(', ')} cannot be combined with --install pebble, which is the CA of the run.`);
}
