import type { RunningEnvironment } from './environment.ts';
import type { ReachableEnvironment } from './provider.ts';

/** How an environment that Padlock made is reached by a command that did not start it. */
export function reachable(environment: RunningEnvironment): ReachableEnvironment {
  const { kubeconfig, context, istio, nameServers } = environment;
  return {
    ...{ kubeconfig, context, istio, nameServers },
    spawnOutside: (command, streams) => environment.spawnOutside(command, streams),
    made: environment,
  };
}
