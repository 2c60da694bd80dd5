import type { ComponentDescription, Components } from '../components/index.ts';
import type { KubeClient } from '../kube/client.ts';
import type { IstioKubeconfig } from '../kube/connection.ts';
import type { RunningEnvironment } from './environment.ts';
import type { PlatformInstaller } from './platform-installer.ts';

/** One thing that a machine needs to start an environment, or to see all that a run can show. */
export interface Requirement {
  readonly id: string;
  /** Whether an environment starts without it, and only what needs it is left out. */
  readonly optional: boolean;
  readonly met: boolean;
  /** What was found. Where it is not met, also what to do. */
  readonly message: string;
}

/**
 * What reaches a cluster, its name servers and the place outside it. Only an environment that Padlock made has a domain, a CA and
 * a gateway of its own.
 */
export type ReachableEnvironment = Pick<
  RunningEnvironment,
  'kubeconfig' | 'context' | 'istio' | 'nameServers' | 'spawnOutside'
> & {
  readonly made?: Pick<RunningEnvironment, 'ca' | 'domain' | 'gateway' | 'setAddresses'>;
};

/** An environment of this machine that a name stands for, running or not. */
export interface FoundEnvironment {
  readonly name: string;
  /** What messages call it, e.g. `cell 'dev'`. */
  readonly title: string;
  readonly kubeconfig: string;
  /** The kubeconfig's context to use instead of the current one. */
  readonly context?: string | undefined;
  /** The kubeconfig of Istio's control plane, if Istio's own objects are in another cluster. */
  readonly istio?: IstioKubeconfig | undefined;
  /** What failed in it, a sentence without its full stop. Absent where nothing did, or that is not known. */
  readonly failure?: string;
  /**
   * The namespaces to which diagnostics are limited, because others use the cluster, too. Absent if the whole cluster is its own.
   *
   * @throws KubeError
   */
  namespaces?(kube: KubeClient): Promise<readonly string[]>;
  /**
   * Log files by component, also of an environment that no longer runs.
   *
   * @throws UserError (2) if it has no state left
   */
  logs(): Promise<ReadonlyMap<string, string>>;
  /** @throws UserError: (2) if its start was never finished, (3) if it no longer runs */
  connect(): Promise<ReachableEnvironment>;
}

/** One line of `padlock status`. */
export interface EnvironmentStatus {
  readonly name: string;
  readonly phase: string;
  /** ISO 8601; null if that is unknown. */
  readonly since: string | null;
  /** Its place: a subnet, a container engine or the URL of an API server; null if that is unknown. */
  readonly where: string | null;
  /** Null if that is unknown. */
  readonly kubeconfig: string | null;
  /** What is wrong with it, in one sentence. */
  readonly failure: string | null;
  /** What to do about it, in one sentence. */
  readonly advice: string | null;
  /** The XDG_STATE_HOME of another state folder that it belongs to. Absent if this command manages it. */
  readonly stateHome?: string;
}

/** Images that an environment pulls and Padlock does not build. */
export interface PulledImages {
  readonly images: readonly string[];
  /** Those whose names are not known in advance, e.g. `kind's node image`. */
  readonly unnamed: string;
}

/** What is asked of an environment before it starts. */
export interface PrepareRequest<Options> {
  /** The name of the environment, or of the run in a cluster that was there before. */
  readonly name: string;
  readonly options: Options;
  /** Whether it may outlive this process. */
  readonly outlives: boolean;
  /** The id of the fault that the run makes; null for none. */
  readonly fault: string | null;
  readonly signal: AbortSignal;
  /** Asks an ACME directory from outside the cluster. @throws Error if it does not answer */
  askDirectory(environment: Pick<RunningEnvironment, 'spawnOutside'>, directory: Directory): Promise<unknown>;
}

/** An ACME directory, and the PEM roots that its own certificate may end at; null for the public ones. */
export interface Directory {
  readonly directoryUrl: string;
  readonly trustedRoots: string | null;
}

/** What a start is given, and whom it tells of its progress. */
export interface StartSteps {
  /** What was built; null if the environment needs nothing of it. */
  readonly components: Components | null;
  /** Null if nothing is to be installed. */
  readonly platform: PlatformInstaller | null;
  readonly signal: AbortSignal;
  /** @param part as the events of `--json-lines` name it: a cell's own start, or all else */
  onPhase(part: 'cell' | 'platform', phase: string): void;
  /** Called if the environment did not start or the platform could not be installed, before anything of it is removed. */
  onFailure?(failed: FailedEnvironment): Promise<void>;
}

/** What there is of an environment that failed. */
export interface FailedEnvironment {
  /** What was thrown. */
  readonly cause: unknown;
  /** Null where its API server never was ready. */
  readonly running: RunningEnvironment | null;
  /** Its log files by component. */
  readonly logs: ReadonlyMap<string, string>;
}

/** What takes part in a run, for its report. */
export interface EnvironmentParts {
  readonly components: readonly ComponentDescription[];
  /** What is not as its project releases it, one sentence each. */
  readonly notUpstream: readonly string[];
  /** How the environment got its platform, as reports tell it; absent where nothing was installed. */
  readonly installation?: string;
}

/** What is built for a run, by component id: besides what most runs need, and without some of that. */
export interface ComponentChoice {
  readonly besides?: readonly string[];
  readonly without?: readonly string[];
}

/** Environments like another one that may start beside it in the same run, for scenarios that need one of their own. */
export interface EnvironmentsBeside {
  /** At most so many, besides the one of the run. */
  readonly most: number;
  /** Why there are fewer than usual, in one sentence; null where that is not so. */
  readonly limitedBy: string | null;
  /** Makes nothing. */
  prepare(name: string): PreparedEnvironment;
}

/** An environment whose options are checked and which can start. Nothing has been made for it. */
export interface PreparedEnvironment {
  /** Whether it was up before. Then `start` installs nothing. */
  readonly isUp: boolean;
  /** Whether it stays up after the run, with nobody asked to remove it. */
  readonly staysUp: boolean;
  /** Whether components must be built for it. */
  readonly needsComponents: boolean;
  /** Which components it needs; absent for those that most runs need. */
  readonly componentChoice?: ComponentChoice;
  /** The image of the application behind the gateway; null for the one that Padlock builds. */
  readonly applicationImage: string | null;
  /** How the names begin of namespaces that it makes for the run, besides those of scenarios. */
  readonly ownNamespaces: readonly string[];
  /** Absent where a run has one environment. */
  readonly beside?: EnvironmentsBeside;
  /** What only environments of this kind tell in `padlock up --json`, e.g. a subnet. */
  readonly facts: Readonly<Record<string, string>>;
  /** On failure nothing of it is left. @throws UserError, KubeError, TimeoutError */
  start(steps: StartSteps): Promise<RunningEnvironment>;
  /** Gives it up before `start`. */
  close(): Promise<void>;
  /**
   * What takes part in the run.
   *
   * @param running null if it failed to start or is gone; then nothing in it is looked at
   */
  parts(
    components: Components | null,
    running: RunningEnvironment | null,
    signal: AbortSignal,
  ): Promise<EnvironmentParts>;
  /** How a person reaches it where it is left up: a few lines. */
  howToReach(environment: RunningEnvironment): string;
}

/**
 * A kind of environment: everything that the commands ask of it. `cell`, `kind` and `existing` implement it, each in its folder.
 * A module that exports one loads heavy clients only where they are used, as every command that lists environments loads it.
 */
export interface EnvironmentProvider<Options = object> {
  /** Tries on this machine what its environments need. Leaves nothing behind. Absent if nothing is needed. */
  requirements?(): Promise<readonly Requirement[]>;
  /** What its environments pull from registries. Absent if they pull nothing of their own. */
  readonly pulledImages?: PulledImages;
  /**
   * Checks the options and finds what must be there. Makes nothing.
   *
   * @throws UserError: (2) for options that do not go together, (3) if the environment cannot be used
   */
  prepare(request: PrepareRequest<Options>): Promise<PreparedEnvironment>;
  /** The environment that a name stands for, even if only something is left of it; null if there is none. */
  find(name: string): Promise<FoundEnvironment | null>;
  /** All its environments on this machine, also those of which only something is left. */
  list(): Promise<readonly EnvironmentStatus[]>;
  /** Removes an environment, running or not, and all it left. @throws UserError (3) naming what could not be removed */
  remove(name: string): Promise<void>;
}
