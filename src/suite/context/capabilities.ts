import type { RunningEnvironment } from '../../environment/environment.ts';

/** What the environment and the CA of a run can do, as far as features depend on it. */
export interface Capabilities {
  /** The profiles that the directory advertises, by name. */
  readonly profiles: readonly string[];
  /** The common names of the CA's roots that are known, the first that of its default chain. */
  readonly rootNames: readonly string[];
  /** Whether the environment can make a name an alias (CNAME) of another one. */
  readonly aliases: boolean;
  /** Whether the environment's name server takes updates (RFC 2136), by which DNS-01 is solved. */
  readonly dnsUpdates: boolean;
  /** The IngressClass whose controller is Istio; null if there is none. */
  readonly ingressClass: string | null;
  /** Whether the cluster has the Gateway API. */
  readonly gatewayApi: boolean;
  /** Whether host names can point at any address, and not only at that of the ingress gateway. */
  readonly anyAddress: boolean;
  /** Whether a scenario can have a CA of its own. */
  readonly furtherCa: boolean;
  /** Whether a scenario can have a name server of its own, which can fail. */
  readonly furtherNameServer: boolean;
  /** Whether processes of the cluster's node can be paused. */
  readonly nodeProcesses: boolean;
  /** Whether packets between Pods can be dropped. */
  readonly podNetwork: boolean;
  /** Whether scenarios may change what belongs to the whole cluster. */
  readonly clusterChanges: boolean;
}

/** The capabilities of an environment with its CA. */
export function capabilitiesOf(
  environment: Pick<
    RunningEnvironment,
    | 'dnsUpdates'
    | 'gateway'
    | 'limits'
    | 'startFurtherCa'
    | 'setAlias'
    | 'startFurtherNameServer'
    | 'pauseNodeProcess'
    | 'cutBetween'
  >,
  ca: Pick<Capabilities, 'profiles' | 'rootNames'>,
): Capabilities {
  const { gateway, dnsUpdates, limits } = environment;
  return {
    ...ca,
    aliases: environment.setAlias !== undefined,
    dnsUpdates: dnsUpdates !== undefined,
    ingressClass: gateway.ingressClass,
    gatewayApi: limits?.gatewayApi ?? true,
    anyAddress: limits?.anyAddress ?? true,
    furtherCa: environment.startFurtherCa !== undefined,
    furtherNameServer: environment.startFurtherNameServer !== undefined,
    nodeProcesses: environment.pauseNodeProcess !== undefined,
    podNetwork: environment.cutBetween !== undefined,
    clusterChanges: limits?.clusterChanges ?? true,
  };
}
