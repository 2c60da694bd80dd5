import type { ActionName } from '../evidence/action-names.ts';
import type { Subject } from '../evidence/evidence.ts';
import type { KubeClient } from '../kube/client.ts';
import type { KubeObject } from '../kube/kube-object.ts';

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
  /** Reports of the same fault elsewhere, e.g. `istio/istio#27643`. */
  readonly upstream?: readonly string[];
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

/** A fault in a namespace and with a host of its own: the Certificate `fault` of its manifest is the one to trace. */
export interface FaultOnItsOwn {
  /** A file with placeholders, see {@link stageFault}. */
  readonly manifest: string;
  /** Where the host name points: null for nowhere. Without it, at the gateway. */
  readonly address?: string | null;
  /** Whether its CA demands external account binding. */
  readonly demandsExternalAccount?: boolean;
  /** A Certificate of the manifest that must be Ready before the traced one is applied. */
  readonly after?: string;
  /**
   * Set if it slows down whatever else is staged: while it lasts, because cert-manager retries without a pause, or for good,
   * because its Challenge cannot be deleted.
   */
  readonly slowsOthers?: 'while it lasts' | 'for good';
}

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
