import type { CaServer } from '../../ca-servers/ca-server.ts';
import { type Component, type Components, debianPackages } from '../../components/index.ts';
import { messageOf } from '../../error-message.ts';
import type { KubeClient } from '../../kube/client.ts';
import { caComponents } from '../ca/ca-components.ts';
import type { RunningEnvironment } from '../environment.ts';
import type { PlatformInstaller } from '../platform-installer.ts';
import type {
  ComponentChoice,
  EnvironmentParts,
  EnvironmentsBeside,
  PreparedEnvironment,
  StartSteps,
} from '../provider.ts';
import { withPlatform } from '../with-platform.ts';
import { type RunningCell, startCell } from './cell.ts';
import type { CellCount } from './cells-beside.ts';
import { type CellNetwork, cellNetwork, firstSlot } from './node/cell-network.ts';
import { nodeComponents } from './node/node-components.ts';
import { preparedStateFolder, preparedStateKey, removePreparedState } from './prepared-state/prepared-state.ts';
import { takePreparedState } from './prepared-state/take-prepared-state.ts';
import { withScratchEtcd } from './scratch-etcd.ts';

interface Request {
  readonly name: string;
  /** The CA server outside the cluster. */
  readonly ca: CaServer;
  /** The component that stands in for the pinned cert-manager; null for that one. */
  readonly certManager: Component | null;
  /** The slot to use, for 10.231.<slot>.0/24; undefined for the first that is free. */
  readonly slot: number | undefined;
  /** The running cell, if the run uses one. */
  readonly running: RunningCell | null;
  /** Whether everything is installed anew, and no prepared state is used or taken. */
  readonly installFresh: boolean;
  /** How many cells the run may have; null where it has one. */
  readonly count: CellCount | null;
}

/** A cell that can start, or one that is up. */
export class PreparedCell implements PreparedEnvironment {
  readonly isUp: boolean;
  readonly staysUp: boolean;
  readonly needsComponents = true;
  readonly applicationImage = null;
  readonly ownNamespaces = [];
  readonly #request: Request;
  #network: CellNetwork | null;
  #restoredFrom: string | null;

  constructor(request: Request) {
    this.#request = request;
    this.isUp = request.running !== null;
    this.staysUp = this.isUp;
    this.#network = request.running?.network ?? null;
    this.#restoredFrom = request.running?.restoredFrom ?? null;
  }

  get componentChoice(): ComponentChoice {
    const { ca, certManager } = this.#request;
    const { besides = [], without = [] } = caComponents(ca);
    if (certManager === null) return { besides, without };
    return { besides: [...besides, certManager.id], without: [...without, certManager.variantOf ?? certManager.id] };
  }

  get beside(): EnvironmentsBeside {
    const { cells, limitedBy } = this.#request.count ?? { cells: 1, limitedBy: null };
    return {
      most: cells - 1,
      limitedBy,
      prepare: (name) => new PreparedCell({ ...this.#request, name, slot: undefined, count: null }),
    };
  }

  get facts(): Readonly<Record<string, string>> {
    if (this.#network === null) return {};
    return {
      subnet: this.#network.subnet,
      ...(this.#restoredFrom === null ? {} : { preparedState: this.#restoredFrom }),
    };
  }

  async start(steps: StartSteps): Promise<RunningEnvironment> {
    const { name, ca, slot, running } = this.#request;
    if (running !== null) return running;
    const { components, platform, signal, onPhase, onFailure } = steps;
    if (components === null || platform === null) throw new Error('a cell needs components and a platform');
    const states = this.#request.installFresh ? null : await preparedStates(components, platform);
    const cell = await startCell({
      ...{ name, components, ca, slot, signal },
      preparedState: states?.folder ?? null,
      onPhase: (phase) => onPhase('cell', phase),
      onStateRefused: (message) => onPhase('platform', `${message}; installing anew`),
      onFailure: async (cause, logs) => await onFailure?.({ cause, running: null, logs }),
    });
    this.#network = cell.network;
    this.#restoredFrom = cell.restoredFrom;
    const isRestored = cell.restoredFrom !== null;
    if (cell.restoredFrom !== null) onPhase('platform', restoredWords(cell.restoredFrom));
    try {
      return await withPlatform(cell, steps, {
        clusterDnsAddress: cell.network.clusterDnsAddress,
        isRestored,
        onInstalled: async (kube) => {
          if (states !== null && !isRestored) await this.#take(cell, states.folder, kube, steps);
        },
      });
    } catch (error) {
      // Whatever is wrong with it, the next start does not depend on it. The end of a component is not its fault.
      if (isRestored && states !== null && !signal.aborted && !cell.lost.aborted)
        await removePreparedState(states.folder);
      throw error;
    }
  }

  /** A cell that is up is of use without a prepared state: a failure is told, and ends nothing. */
  async #take(cell: RunningCell, folder: string, kube: KubeClient, { components, signal, onPhase }: StartSteps) {
    if (components === null) return;
    onPhase('platform', 'taking a prepared state');
    try {
      await removePreparedState(folder);
      const { log, ...source } = await cell.stateSource();
      await takePreparedState({
        ...{ folder, kube, signal, ...source },
        runEtcd: (dataFolder, work) => withScratchEtcd({ components, dataFolder, log, signal }, work),
      });
    } catch (error) {
      signal.throwIfAborted();
      onPhase('platform', `no prepared state was taken: ${messageOf(error)}`);
    }
  }

  async close(): Promise<void> {}

  async parts(components: Components | null): Promise<EnvironmentParts> {
    return {
      components: [...(components?.describe() ?? []), ...(await debianPackages())],
      notUpstream: components?.notUpstream ?? [],
      installation: this.#restoredFrom === null ? 'installed' : restoredWords(this.#restoredFrom),
    };
  }

  howToReach({ name, kubeconfig }: RunningEnvironment): string {
    return [
      `The cell '${name}' is up.`,
      `  export KUBECONFIG=${kubeconfig}`,
      `  LoadBalancer addresses (${this.#network?.loadBalancerRange}) are reachable from this machine.`,
      `  padlock run http01-ingress --on ${name}   runs a scenario on it in seconds`,
      `  padlock logs --name ${name}               lists its logs`,
      `  padlock down ${name}                      removes it`,
      '',
    ].join('\n');
  }
}

function restoredWords(digest: string): string {
  return `restored from prepared state ${digest}`;
}

/** Where the prepared state of an installation is, or is put. */
async function preparedStates(components: Components, platform: PlatformInstaller): Promise<{ folder: string }> {
  const key = preparedStateKey(
    components,
    // The same for all cells, whatever their names and addresses.
    nodeComponents((name) => name, 'node', cellNetwork(firstSlot)),
    await platform.digest,
  );
  return { folder: preparedStateFolder(components.cache, key) };
}
