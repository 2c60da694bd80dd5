import type { Components } from '../components/index.ts';
import { checkEnvironmentName } from '../environment/environment-name.ts';
import type { FailedEnvironment, PreparedEnvironment, PrepareRequest } from '../environment/provider.ts';
import { registeredProvider } from '../environment/registry/providers.ts';
import { type OptionValues, refuseOptions } from '../environment/registry/refuse-options.ts';
import { choosePlatform, type PlatformVersions } from '../platform/platform-versions.ts';
import type { RunNarrator } from '../progress/run-narrator.ts';
import { type BroughtUp, bringUp } from './bring-up.ts';
import { builtComponents } from './built-components.ts';
import { requireMachine } from './require-machine.ts';

interface StartRequest {
  /** Of a registered provider. */
  readonly kind: string;
  readonly name: string;
  readonly options?: OptionValues & PlatformVersions;
  /** Whether it may outlive this process. */
  readonly outlives: boolean;
  /** What was built before; otherwise it is built where the environment needs it. */
  readonly components?: Components;
  readonly narrator: RunNarrator;
  readonly signal: AbortSignal;
  /** Asks the directory of a CA that is not the environment's own; by default there is none. */
  readonly askDirectory?: PrepareRequest<object>['askDirectory'];
  /** Called if it did not start or the platform could not be installed, before anything of it is removed. */
  onFailure?(failed: FailedEnvironment): Promise<void>;
}

/** An environment, and what it was made of. */
export interface StartedEnvironment extends BroughtUp {
  readonly prepared: PreparedEnvironment;
  /** Null if it needed none, or was up. */
  readonly components: Components | null;
}

/**
 * Starts a fresh environment of any kind, or takes the one that the options name: checks the options and this machine, builds
 * components, installs the platform.
 *
 * @throws UserError: (2) for options that it does not take, (3) if this machine lacks something or a start failed
 */
export async function startEnvironment(request: StartRequest): Promise<StartedEnvironment> {
  const { kind, name, options = {}, outlives, narrator, signal } = request;
  checkEnvironmentName(name);
  refuseOptions(kind, options);
  const chosen = await choosePlatform(options, signal);
  const provider = await registeredProvider(kind).load();
  const prepared = await provider.prepare({
    ...{ name, options, outlives, fault: null, signal },
    askDirectory: request.askDirectory ?? (() => Promise.reject(new Error('a fresh environment has a CA of its own'))),
  });
  const components = await closedOnFailure(prepared, async () => {
    if (prepared.isUp) return null;
    await requireMachine(kind, provider, narrator);
    if (!prepared.needsComponents) return null;
    return request.components ?? (await builtComponents(narrator, signal, prepared.componentChoice));
  });
  const up = await bringUp(prepared, {
    ...{ name, components, chosen, narrator, signal },
    ...(request.onFailure === undefined ? {} : { onFailure: request.onFailure }),
  });
  return { ...up, prepared, components };
}

/** Does work that comes before the start of an environment. Where it fails, the environment is given up. */
export async function closedOnFailure<Result>(
  prepared: PreparedEnvironment,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    await prepared.close();
    throw error;
  }
}
