import { catalogue } from '../../components/catalogue.ts';
import type { Components } from '../../components/index.ts';
import type { RunningEnvironment } from '../environment.ts';
import type { EnvironmentParts, PreparedEnvironment, StartSteps } from '../provider.ts';
import type { InstallPart } from './install-parts.ts';
import { ExistingInstallation } from './installation.ts';
import type { RunningExisting } from './running-existing.ts';

/** The built components for each installable part. Pebble uses its project's image. */
const componentsOf: Readonly<Record<InstallPart, readonly string[]>> = {
  istio: ['istio', 'envoy'],
  'cert-manager': ['cert-manager'],
  pebble: [],
};

interface Request {
  /** The cluster as it is, or what is to be installed in it first. */
  readonly cluster: RunningExisting | ExistingInstallation;
  readonly install: readonly InstallPart[];
  readonly applicationImage: string;
}

/** An existing cluster whose components and permissions have been checked. */
export class PreparedExisting implements PreparedEnvironment {
  readonly staysUp = false;
  readonly facts = {};
  readonly applicationImage: string;
  readonly #cluster: RunningExisting | ExistingInstallation;
  readonly #install: readonly InstallPart[];
  #running: RunningExisting | null = null;

  constructor({ cluster, install, applicationImage }: Request) {
    this.#cluster = cluster;
    this.#install = install;
    this.applicationImage = applicationImage;
  }

  get isUp(): boolean {
    return !(this.#cluster instanceof ExistingInstallation);
  }

  get needsComponents(): boolean {
    return this.#cluster instanceof ExistingInstallation && this.#cluster.needsComponents;
  }

  get ownNamespaces(): readonly string[] {
    return this.#cluster instanceof ExistingInstallation ? this.#cluster.ownNamespaces : [];
  }

  async start({ platform, signal, onPhase }: StartSteps): Promise<RunningEnvironment> {
    if (this.#cluster instanceof ExistingInstallation) {
      this.#running = await this.#cluster.perform({
        platform,
        signal,
        onPhase: (phase) => onPhase('platform', phase),
      });
    } else {
      this.#running = this.#cluster;
      try {
        await this.#running.begin();
      } catch (error) {
        await this.#running.detach();
        throw error;
      }
    }
    return this.#running;
  }

  async close(): Promise<void> {
    await (this.#cluster instanceof ExistingInstallation ? this.#cluster.close() : this.#cluster.detach());
  }

  async parts(components: Components | null): Promise<EnvironmentParts> {
    const ids = this.#install.flatMap((part) => componentsOf[part]);
    return {
      components: this.#running?.found ?? components?.describe() ?? [],
      notUpstream: catalogue.filter(({ id }) => ids.includes(id)).flatMap(({ notUpstream }) => notUpstream ?? []),
    };
  }

  howToReach({ name }: RunningEnvironment): string {
    const made = this.#install.length === 0 ? 'made' : 'made and installed';
    return `Objects that the run ${made} are left in the cluster. 'padlock down ${name}' removes them.\n`;
  }
}
