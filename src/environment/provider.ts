import type { RunningEnvironment } from './environment.ts';

/** One thing that a machine needs to start an environment, or to see all that a run can show. */
export interface Requirement {
  readonly id: string;
  /** Whether an environment starts without it, and only what needs it is left out. */
  readonly optional: boolean;
  readonly met: boolean;
  /** What was found. Where it is not met, also what to do. */
  readonly message: string;
}

/** What reaches a cluster, its name servers and the place outside it. */
export type ReachableEnvironment = Pick<RunningEnvironment, 'kubeconfig' | 'context' | 'nameServers' | 'spawnOutside'>;

/** An environment of this machine that a name stands for, running or not. */
export interface FoundEnvironment {
  readonly name: string;
  /** What messages call it, e.g. `cell 'dev'`. */
  readonly title: string;
  readonly kubeconfig: string;
  /** The kubeconfig's context to use instead of the current one. */
  readonly context?: string | undefined;
  /**
   * Log files by component, also of an environment that no longer runs.
   *
   * @throws UserError (2) where it has no state left
   */
  logs(): Promise<ReadonlyMap<string, string>>;
  /** @throws UserError: (2) where its start was never finished, (3) where it no longer runs */
  connect(): Promise<ReachableEnvironment>;
}

/** One line of `padlock status`. */
export interface EnvironmentStatus {
  readonly name: string;
  readonly phase: string;
  /** ISO 8601; null where that is unknown. */
  readonly since: string | null;
  /** Its place: a subnet, a container engine or the URL of an API server; null where that is unknown. */
  readonly where: string | null;
  readonly kubeconfig: string;
  /** What is wrong with it, in one sentence. */
  readonly failure: string | null;
  /** What to do about it, in one sentence. */
  readonly advice: string | null;
}

/** Images that an environment pulls and Padlock does not build. */
export interface PulledImages {
  readonly images: readonly string[];
  /** Those whose names are not known in advance, e.g. `kind's node image`. */
  readonly unnamed: string;
}

/**
 * A kind of environment: everything that the commands ask of it. `cell`, `kind` and `existing` implement it, each in its folder.
 * A module that exports one loads heavy clients only where they are used, as every command that lists environments loads it.
 */
export interface EnvironmentProvider {
  /** Tries on this machine what its environments need. Leaves nothing behind. Absent where nothing is needed. */
  requirements?(): Promise<readonly Requirement[]>;
  /** What its environments pull from registries. Absent where they pull nothing of their own. */
  readonly pulledImages?: PulledImages;
  /** The environment that a name stands for, also where only something is left of it; null where there is none. */
  find(name: string): Promise<FoundEnvironment | null>;
  /** All its environments on this machine, also those of which only something is left. */
  list(): Promise<readonly EnvironmentStatus[]>;
  /** Removes an environment, running or not, and all it left. @throws UserError (3) naming what could not be removed */
  remove(name: string): Promise<void>;
}
