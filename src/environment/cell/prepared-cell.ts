import type { CaServer } from '../../ca-servers/ca-server.ts';
import { type Components, debianPackages } from '../../components/index.ts';
import { caComponents } from '../ca/ca-components.ts';
import type { RunningEnvironment } from '../environment.ts';
import type { ComponentChoice, EnvironmentParts, PreparedEnvironment, StartSteps } from '../provider.ts';
import { withPlatform } from '../with-platform.ts';
import { type RunningCell, startCell } from './cell.ts';
import type { CellNetwork } from './cell-network.ts';

interface Request {
  readonly name: string;
  /** The CA server outside the cluster. */
  readonly ca: CaServer;
  /** The slot to use, for 10.231.<slot>.0/24; undefined for the first that is free. */
  readonly slot: number | undefined;
  /** The running cell, if the run uses one. */
  readonly running: RunningCell | null;
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

  constructor(request: Request) {
    this.#request = request;
    this.isUp = request.running !== null;
    this.staysUp = this.isUp;
    this.#network = request.running?.network ?? null;
  }

  get componentChoice(): ComponentChoice {
    return caComponents(this.#request.ca);
  }

  get facts(): Readonly<Record<string, string>> {
    return this.#network === null ? {} : { subnet: this.#network.subnet };
  }

  async start(steps: StartSteps): Promise<RunningEnvironment> {
    const { name, ca, slot, running } = this.#request;
    if (running !== null) return running;
    const { components, signal, onPhase } = steps;
    if (components === null) throw new Error('a cell needs components');
    const cell = await startCell({ name, components, ca, slot, signal, onPhase: (phase) => onPhase('cell', phase) });
    this.#network = cell.network;
    return await withPlatform(cell, steps, cell.network.clusterDnsAddress);
  }

  async close(): Promise<void> {}

  async parts(components: Components | null): Promise<EnvironmentParts> {
    return {
      components: [...(components?.describe() ?? []), ...(await debianPackages())],
      notUpstream: components?.notUpstream ?? [],
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
