import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pebble as pebbleServer } from '../../ca-servers/pebble/pebble.ts';
import { pinnedComponent } from '../../components/index.ts';
import { messageOf } from '../../error-message.ts';
import { KubeClient } from '../../kube/client.ts';
import { describeRef, type KubeObject, refOf } from '../../kube/kube-object.ts';
import { hasLoadBalancer } from '../../kube/load-balancer-address.ts';
import { UserError } from '../../user-error.ts';
import { type ExistingCaOptions, existingCa } from '../ca/existing-ca.ts';
import { type CertificateAuthority, ingressGatewayOfCharts } from '../environment.ts';
import type { PlatformInstaller, PlatformObjects } from '../platform-installer.ts';
import { runLabel } from '../run-label.ts';
import { type Discovered, discover, discoverBeforeInstall } from './discover.ts';
import { checkHostNameOptions, hostNames } from './host-names.ts';
import {
  type InClusterPebble,
  inClusterPebble,
  installInClusterPebble,
  rootsOfInClusterPebble,
} from './in-cluster-pebble.ts';
import type { InstallPart } from './install-parts.ts';
import { chosenObjects, kindsToRemove, needsComponents, outsideOwnNamespaces } from './install-plan.ts';
import { describingRefusal, lookWithRights } from './look-with-rights.ts';
import { istioRecord, type RunRecord, writeRunRecord } from './run-record.ts';
import { type ExistingRequest, RunningExisting, scratchPrefix } from './running-existing.ts';
import { sweep } from './sweep.ts';

const addressWithinMs = 120_000;

/** The options for a cluster with an installation. */
export interface InstallationRequest extends Omit<ExistingRequest, 'ca'> {
  /** At least one. */
  readonly install: readonly InstallPart[];
  /** Null if the run installs Pebble as its CA. */
  readonly ca: ExistingCaOptions | null;
  readonly pebbleImage: string;
}

interface InstallSteps {
  /** Null if neither Istio nor cert-manager is installed. */
  readonly platform: PlatformInstaller | null;
  readonly signal: AbortSignal;
  onPhase(phase: string): void;
}

/**
 * Inspects a cluster before an installation, and checks all permissions for the installation and the run. Creates nothing in it.
 *
 * @throws UserError: (2) for conflicting options and for existing components, (3) as `connectExisting`
 */
export async function prepareInstallation(request: InstallationRequest): Promise<ExistingInstallation> {
  checkHostNameOptions(request);
  const { install, gateway, signal } = request;
  if (install.includes('istio') && gateway !== undefined) {
    throw new UserError('--gateway cannot be combined with --install istio, which installs its own gateway.');
  }
  const ca = request.ca === null ? null : await existingCa(request.ca);
  const kubeconfig = resolve(request.kubeconfig);
  const kube = await KubeClient.open({ path: kubeconfig, context: request.context, istio: request.istio });
  try {
    const gatewayNamespace = await describingRefusal(kube.server, kubeconfig, () =>
      lookWithRights(kube, request, install, {
        look: () => discoverBeforeInstall(kube, { gateway }, install, signal),
        gatewayNamespaceOf: (found) => found,
      }),
    );
    signal.throwIfAborted();
    return new ExistingInstallation(kube, request, ca, gatewayNamespace);
  } catch (error) {
    await kube[Symbol.asyncDispose]();
    throw error;
  }
}

/** A planned installation in a cluster. */
export class ExistingInstallation {
  readonly #kube: KubeClient;
  readonly #request: InstallationRequest;
  readonly #ca: CertificateAuthority | null;
  readonly #gatewayNamespace: string;

  constructor(
    kube: KubeClient,
    request: InstallationRequest,
    ca: CertificateAuthority | null,
    gatewayNamespace: string,
  ) {
    this.#kube = kube;
    this.#request = request;
    this.#ca = ca;
    this.#gatewayNamespace = gatewayNamespace;
  }

  /** Whether the platform's manifests, which built components render, are installed. */
  get needsComponents(): boolean {
    return needsComponents(this.#request.install);
  }

  /** The name prefixes of the namespaces that it creates for the run. */
  get ownNamespaces(): readonly string[] {
    return this.#request.install.filter((part) => part === 'pebble');
  }

  get server(): string {
    return this.#kube.server;
  }

  /**
   * Installs the components, then discovers the cluster. From the start, the run's record contains what may have to be removed.
   * On failure it leaves nothing behind.
   *
   * @throws UserError: (2) naming existing objects, (3) naming what could not be removed; KubeError, TimeoutError
   */
  async perform(steps: InstallSteps): Promise<RunningExisting> {
    const kube = this.#kube;
    const scratch = await mkdtemp(join(tmpdir(), scratchPrefix));
    let record: RunRecord | null = null;
    try {
      const platform = steps.platform === null ? null : await this.#chosen(await steps.platform.objects, steps.signal);
      const pebble = await this.#pebble();
      record = this.#recordOf(scratch, platform);
      await writeRunRecord(record);
      await together(steps.signal, [
        async (signal) =>
          platform &&
          (await steps.platform?.install(kube, {
            objects: platform,
            clusterDnsAddress: null,
            isRestored: false,
            signal,
          })),
        async (signal) => pebble && (await this.#installPebble(pebble, { ...steps, signal })),
      ]);
      const discovered = await this.#found(steps.signal);
      const ca = this.#ca ?? (await this.#caOf(pebble, scratch));
      const { allowClusterChanges } = this.#request;
      const { ingressClass, gateway } = discovered;
      const isOwn = ingressClass?.metadata.labels?.[runLabel] === record.run;
      record = {
        ...record,
        gatewayNamespace: gateway.namespace,
        ingressClass: allowClusterChanges && !isOwn ? ingressClass : null,
      };
      await writeRunRecord(record);
      const names = hostNames(this.#request, discovered.gatewayAddress);
      return new RunningExisting({ kube, request: this.#request, record, ca, names, discovered });
    } catch (error) {
      await this.#undo(record, scratch, error);
      throw error;
    }
  }

  async #undo(record: RunRecord | null, scratch: string, cause: unknown): Promise<void> {
    const { run } = this.#request;
    try {
      if (record !== null) {
        await sweep(this.#kube, record);
        // A request sent just before the abort may have taken effect after the first removal.
        await writeRunRecord(record);
        await sweep(this.#kube, record);
      }
    } catch (error) {
      const [failed, reason] = [cause, error].map(messageOf);
      throw new UserError(
        `${failed} Not everything that ${run} installed in the cluster at ${this.server} could be removed. Run 'padlock down ${run}'. ${reason}`,
        { exitCode: 3, cause: error },
      );
    } finally {
      await rm(scratch, { recursive: true, force: true });
      await this.close();
    }
  }

  /** @throws UserError (2) if an object already exists: the run would change it, and remove it at the end */
  async #chosen(objects: PlatformObjects, signal: AbortSignal): Promise<PlatformObjects> {
    const { install, run } = this.#request;
    const all = chosenObjects(objects, install, run, () => false);
    const found = await this.#present(outsideOwnNamespaces(Object.values(all).flat()), signal);
    const chosen = chosenObjects(objects, install, run, (object) => found.has(describeRef(refOf(object))));
    const there = [...chosen.istio, ...chosen.certManager]
      .map((object) => describeRef(refOf(object)))
      .filter((name) => found.has(name));
    if (there.length > 0) {
      throw new UserError(
        `The cluster at ${this.server} already has objects that --install would create: ${there.slice(0, 3).join(', ')}${there.length > 3 ? ` and ${there.length - 3} more` : ''}. Remove them, or install fewer parts.`,
      );
    }
    return chosen;
  }

  /** The names of the existing objects, for messages. */
  async #present(objects: readonly KubeObject[], signal: AbortSignal): Promise<ReadonlySet<string>> {
    const refs = objects.map(refOf);
    const found = await Promise.all(refs.map((ref) => this.#kube.get(ref, signal)));
    return new Set(refs.filter((_, index) => found[index] !== undefined).map(describeRef));
  }

  async #pebble(): Promise<InClusterPebble | null> {
    const { install, run, pebbleImage, nameServer } = this.#request;
    return install.includes('pebble')
      ? await inClusterPebble({ run, image: pebbleImage, nameServer: nameServer?.[0] })
      : null;
  }

  #recordOf(scratch: string, platform: PlatformObjects | null): RunRecord {
    const { run, kubeconfig, context, istio, dnsHook, dnsUpdates, install } = this.#request;
    return {
      run,
      createdAt: new Date().toISOString(),
      kubeconfig: resolve(kubeconfig),
      context: context ?? null,
      server: this.server,
      istio: istioRecord(this.#kube, istio),
      gatewayNamespace: this.#gatewayNamespace,
      dnsHook: dnsHook === undefined ? null : resolve(dnsHook),
      hosts: [],
      dnsUpdates: dnsUpdates !== undefined,
      scratch,
      ingressClass: null,
      installed: { parts: [...install], kinds: platform === null ? [] : kindsToRemove(Object.values(platform).flat()) },
    };
  }

  async #installPebble(pebble: InClusterPebble, { signal, onPhase }: InstallSteps): Promise<void> {
    await installInClusterPebble(this.#kube, pebble, this.#request.pebbleImage, signal);
    onPhase('pebble available');
  }

  async #found(signal: AbortSignal): Promise<Discovered> {
    const { install, gateway } = this.#request;
    if (!install.includes('istio')) return await discover(this.#kube, { gateway }, signal);
    const { namespace, service } = ingressGatewayOfCharts;
    await this.#kube.waitFor({ apiVersion: 'v1', kind: 'Service', namespace }, hasLoadBalancer(service), {
      what: `Service ${namespace}/${service} to get the address of a load balancer`,
      withinMs: addressWithinMs,
      signal,
    });
    return await discover(this.#kube, { gateway: `${namespace}/${service}` }, signal);
  }

  async #caOf(pebble: InClusterPebble | null, scratch: string): Promise<CertificateAuthority> {
    if (pebble === null) throw new Error('the run has neither a CA nor a Pebble to install');
    const directoryCaFile = join(scratch, 'directory-ca.crt');
    await writeFile(directoryCaFile, pebble.directoryCa);
    const roots = await rootsOfInClusterPebble(this.#kube, pebble.namespace);
    return {
      directoryUrl: pebble.directoryUrl,
      directoryCaFile,
      software: pebbleServer.software,
      version: pinnedComponent(pebbleServer.component).version,
      settings: pebbleServer.settings,
      userAgent: pebbleServer.validationUserAgent,
      // The log belongs to a Pod, but the recorder reads files.
      log: null,
      roots: async () => roots,
    };
  }

  /** Closes the connection without an installation. */
  async close(): Promise<void> {
    await this.#kube[Symbol.asyncDispose]();
  }
}

/** Waits for all; the first failure aborts the others. @throws the first failure */
async function together(
  interrupted: AbortSignal,
  works: readonly ((signal: AbortSignal) => Promise<unknown>)[],
): Promise<void> {
  const stop = new AbortController();
  const signal = AbortSignal.any([interrupted, stop.signal]);
  await Promise.allSettled(works.map((work) => work(signal).catch((error: unknown) => stop.abort(error))));
  signal.throwIfAborted();
}
