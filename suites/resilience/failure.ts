import type { FurtherCa } from '../../src/environment/environment.ts';
import type { DirectoryFailure, NameServerFailure } from '../../src/environment/server-failure.ts';
import type { ScenarioContext } from '../../src/suite/context/context.ts';
import type { FeatureName } from '../../src/suite/features.ts';

/** A part that fails for a while during a renewal, and comes back by itself. Each is a file of `failures/`. */
export interface Failure {
  /** Kebab-case; its file's name. */
  readonly id: string;
  /** Which link of the chain fails. */
  readonly link: 'ca' | 'dns' | 'mesh' | 'cluster';
  /** What fails, one sentence without a full stop. */
  readonly title: string;
  /** What it needs besides a renewal by HTTP-01. */
  readonly features?: readonly FeatureName[];
  /** What it changes for the whole cluster, as in `Scenario.changesClusterWide`; null if nothing. */
  readonly changesClusterWide: string | null;
  readonly lastsMs: number;
  /** Whether it begins before the renewal is asked for; otherwise once it has begun. */
  readonly beginsBefore?: boolean;
  /** Whether clients must notice nothing: not where the only gateway itself fails. */
  readonly servedAllAlong: boolean;
  /** By default the renewal recovers by itself. */
  readonly recovery?: 'after-back-off' | 'by-a-person';
  /** What a person does where it does not recover: in words, and in deeds. */
  readonly cure?: { readonly words: string; act(context: ScenarioContext): Promise<void> };
  /** How it fails: the CA, the name server, or by what is done. */
  readonly how: HowItFails;
}

export type HowItFails =
  | { readonly ca: DirectoryFailure }
  | { readonly nameServer: NameServerFailure }
  /**
   * Begins it.
   *
   * @param ca that of the scenario; null where the environment can start none
   * @returns what ends it, which resolves once the part is back
   */
  | { begin(context: ScenarioContext, ca: FurtherCa | null): Promise<() => Promise<void>> };

/** Gives a definition its type. */
export function failure(definition: Failure): Failure {
  return definition;
}
