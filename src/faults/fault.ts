import type { ActionName } from '../evidence/action-names.ts';
import type { Subject } from '../evidence/evidence.ts';
import type { KubeClient } from '../kube/client.ts';
import type { KubeObject } from '../kube/kube-object.ts';
import type { Cure, HostAddress } from './cure.ts';

/**
 * A real misconfiguration or failure, made on a real cluster. It proves that checks turn red, that the diagnosis names the
 * cause, or both.
 *
 * Each fault is a folder of `faults/` with a `fault.ts`, and a manifest where it is staged on its own.
 */
export interface Fault {
  /** Kebab-case; the name of its folder and on the command line. */
  readonly id: string;
  /** What is wrong, one sentence without a full stop. */
  readonly title: string;
  /** What a user sees who does not know the cause, one sentence. */
  readonly symptom: string;
  /** The rule of the diagnosis that must name it; null for a fault that only makes an issuance slower. */
  readonly diagnosedAs: string | null;
  /** What the verdict of that rule must contain; null if there is no verdict. */
  readonly verdict: RegExp | null;
  /** What ends it. */
  readonly cure?: Cure;
  /** Reports of the same fault elsewhere: `owner/repository#number` on GitHub, e.g. `istio/istio#27643`, or a URL. */
  readonly upstream?: readonly string[];
  /** The versions that have it, e.g. `cert-manager 1.20.0`. Absent if every version that was tried has it. */
  readonly affects?: string;
  /** How it is made in a scenario that would pass without it: `padlock run ID --fault FAULT`. */
  readonly inScenario?: FaultInScenario;
  /** How it is made on its own, for a trace to find. */
  readonly onItsOwn?: FaultOnItsOwn;
}

/** A moment of a scenario at which a fault acts. `while-issuing` begins as soon as `before-issuer` is done. */
export const faultMoments = ['before-issuer', 'while-issuing'] as const;
export type FaultMoment = (typeof faultMoments)[number];

/** A fault in a scenario. It acts at moments, changes what the scenario applies, or changes what clients trust. */
export interface FaultInScenario {
  /** The checks of the good path that must fail; every other must pass. */
  readonly turnsRed: readonly string[];
  /** Those of `turnsRed` that fail only where the application has a wildcard host, as on an environment of Padlock's own. */
  readonly redWithWildcard?: readonly string[];
  /** A scenario must have one of these features for the fault to take effect; absent where every scenario can have it. */
  readonly needs?: readonly string[];
  /**
   * What is done at a moment. `before-issuer` ends before the Issuer is applied. `while-issuing` goes on
   * beside the scenario. It resolves once the fault has taken effect, and rejects if it never did; its signal aborts when the
   * scenario has ended.
   */
  readonly at?: { readonly [Moment in FaultMoment]?: (context: FaultContext, signal: AbortSignal) => Promise<void> };
  /** Returns an object of the scenario as it is applied instead, or the object itself where the fault leaves it alone. */
  changes?(object: KubeObject): KubeObject;
  /** Whether clients are given a root of another CA. */
  readonly trustsForeignRoot?: boolean;
  /** Whether cert-manager retries without a pause while it lasts, which slows everything else in the cluster down. */
  readonly slowsOthers?: boolean;
  /** Whether it points the host of the scenario elsewhere, which not every environment can. */
  readonly needsAnyAddress?: boolean;
}

/** What a fault in a scenario sees of it. */
export interface FaultContext {
  readonly subject: Subject;
  readonly kube: Pick<KubeClient, 'list' | 'patch' | 'remove' | 'waitFor'>;
  /** Applies objects that the scenario removes with its own. */
  applyObjects(objects: readonly KubeObject[]): Promise<void>;
  /** Points the host of the scenario at an address. */
  pointHostAt(address: string): Promise<void>;
  /** Records what the fault did, as an action in the evidence. */
  note(name: ActionName, detail: string): void;
}

/**
 * A fault with a namespace and a host of its own, both named for it. `certificateOf` gives the Certificate to trace.
 */
export interface FaultOnItsOwn {
  /** A file with placeholders, see `placeholdersOf`. It has the traced Certificate. */
  readonly manifest: string;
  /**
   * What must be there first: it is applied before the manifest, and waited for until its Deployments are available, its
   * Gateways programmed, and its Certificates Ready or, if `before` is `presented`, their Challenges presented.
   */
  readonly before?: { readonly manifest: string; readonly certificates?: 'Ready' | 'presented' };
  /** Whether the traced Certificate is `fault-ID` in the namespace of the ingress gateway, and not `fault` in the fault's own. */
  readonly isInGatewayNamespace?: boolean;
  /** Where the host name points. Without it, at the ingress gateway. */
  readonly address?: HostAddress;
  /** What a cluster must have or allow for it. Absent if every cluster with cert-manager, Istio and a CA will do. */
  readonly needs?: readonly FaultNeed[];
  /**
   * Whether its own manifests serve the certificate. Without it, a Gateway in the namespace of the ingress gateway and a
   * ReferenceGrant are staged beside it, which serve the Secret `fault` once it is there.
   */
  readonly servesItself?: boolean;
  /**
   * Set if it slows down whatever else is staged: while it lasts, because cert-manager retries without a pause, or for good,
   * because its Challenge cannot be deleted.
   */
  readonly slowsOthers?: 'while it lasts' | 'for good';
}

/** What a fault on its own may need of a cluster. */
export const faultNeeds = {
  'external-account': 'a CA that demands external account binding, with the key of an account there',
  dns01: 'a name server that takes signed updates (RFC 2136)',
  'any-address': 'a DNS in which the host can point anywhere, and not only at the ingress gateway',
  'gateway-api': 'the Gateway API',
  'domain-of-two-labels': 'a domain of two labels, so that Pods find its names in their search path',
  'cluster-changes': "changes outside the fault's own namespaces, such as an object in the gateway's namespace",
} as const;
export type FaultNeed = keyof typeof faultNeeds;

/** A fault that a scenario can have. */
export type ScenarioFault = Fault & { readonly inScenario: FaultInScenario };
/** A fault that can be staged on its own. */
export type StandaloneFault = Fault & { readonly onItsOwn: FaultOnItsOwn };

/** Gives a definition its type. @throws Error if it contradicts itself */
export function fault<Definition extends Fault>(definition: Definition): Definition {
  const { id, diagnosedAs, verdict, inScenario, onItsOwn } = definition;
  if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(id)) throw new Error(`fault id ${id} is not kebab-case`);
  if (inScenario === undefined && onItsOwn === undefined) throw new Error(`fault ${id} cannot be staged`);
  if ((diagnosedAs === null) !== (verdict === null)) throw new Error(`fault ${id} needs both a rule and a verdict`);
  if (inScenario !== undefined && diagnosedAs === null && inScenario.turnsRed.length > 0)
    throw new Error(`fault ${id} turns checks red, so a rule must name it`);
  const acts = inScenario?.at ?? inScenario?.changes ?? inScenario?.trustsForeignRoot;
  if (inScenario !== undefined && acts === undefined) throw new Error(`fault ${id} does nothing in a scenario`);
  return definition;
}
