import type { RunningEnvironment } from '../environment/environment.ts';

/** What the CA and the environment of a run have, as far as scenarios depend on it. */
export interface Offer {
  /** The profiles that the directory advertises, by name. */
  readonly profiles: readonly string[];
  /** The common names of the CA's roots that are known, the first that of its default chain. */
  readonly rootNames: readonly string[];
  /** Whether something here can solve DNS-01. */
  readonly dnsUpdates: boolean;
}

/** Of an environment whose CA was not asked: what needs more is skipped. */
export function offerOf(
  environment: Pick<RunningEnvironment, 'dnsUpdates'>,
  parts: Pick<Offer, 'profiles' | 'rootNames'>,
): Offer {
  return { ...parts, dnsUpdates: environment.dnsUpdates !== undefined };
}
