import { isDeepStrictEqual } from 'node:util';
import type { KubeClient } from '../../kube/client.ts';
import { isOfIstio } from '../../kube/istio-api.ts';
import type { KubeObject } from '../../kube/kube-object.ts';
import type { WatchEvent } from '../../kube/watch.ts';
import type { ObjectHistory, ObjectState } from '../evidence.ts';
import { hostsNamedBy, namesHost } from '../hosts-of-object.ts';
import { redactObject } from '../redaction.ts';

/** The part of a recording that belongs to one scenario. */
export interface ObjectSlice {
  /** Only objects in these namespaces, and objects without a namespace. */
  readonly namespaces?: readonly string[];
  readonly since?: Date;
  readonly until?: Date;
  /**
   * In namespaces that scenarios share: without the objects that are about other hosts only, and without what those
   * own. Objects that name no host stay.
   */
  readonly hosts?: readonly string[];
}

/** The states of objects as watches deliver them, redacted on arrival. An object with a new uid is another object. */
export class ObjectHistories {
  readonly #histories = new Map<string, ObjectHistory>();

  /** Adds a state; an unchanged state is dropped. */
  record({ at, change, object }: WatchEvent): void {
    const state: ObjectState = { at: at.toISOString(), change, object: redactObject(object) };
    const { namespace = '', name, uid = '' } = object.metadata;
    // A relisted object under another apiVersion of its group is the same object.
    const known = this.#histories.get(uid);
    if (known === undefined) {
      const { apiVersion, kind } = object;
      this.#histories.set(uid, { apiVersion, kind, namespace, name, uid, states: [state] });
      return;
    }
    const last = known.states.at(-1);
    const nothingNew =
      last !== undefined && (change === 'deleted' ? last.change === 'deleted' : saysTheSame(last.object, state.object));
    if (!nothingNew) known.states.push(state);
  }

  /**
   * The histories of a slice, in the order in which their objects were first seen. The state that was in force when the
   * slice begins is its first one, as `existed`, with the time at which it was recorded.
   */
  slice({ namespaces, since, until, hosts }: ObjectSlice = {}): ObjectHistory[] {
    const all = [...this.#histories.values()];
    const foreign = hosts === undefined ? new Set<string>() : foreignObjects(all, hosts);
    return all
      .filter(({ namespace, uid }) => {
        const inside = namespaces === undefined || namespace === '' || namespaces.includes(namespace);
        return inside && !foreign.has(uid);
      })
      .flatMap((history) => {
        const states = statesBetween(history.states, since?.toISOString() ?? '', until?.toISOString() ?? '~');
        return states.length === 0 ? [] : [{ ...history, states }];
      });
  }
}

function statesBetween(states: readonly ObjectState[], since: string, until: string): ObjectState[] {
  const inside = states.filter(({ at }) => at >= since && at <= until);
  const before = states.findLast(({ at }) => at < since);
  if (before === undefined || before.change === 'deleted') return inside;
  return [{ ...before, change: 'existed' }, ...inside];
}

function saysTheSame(one: Record<string, unknown>, other: Record<string, unknown>): boolean {
  return isDeepStrictEqual(withoutVersion(one), withoutVersion(other));
}

/** The resource version also changes with what redaction removes. */
function withoutVersion(object: Record<string, unknown>): unknown {
  const { resourceVersion: _, ...metadata } = object.metadata as Record<string, unknown>;
  return { ...object, metadata };
}

/** The uids of the objects that are only about hosts other than these, and of what those own or are events of. */
function foreignObjects(histories: readonly ObjectHistory[], hosts: readonly string[]): Set<string> {
  const foreign = new Set<string>();
  for (const { uid, states } of histories) {
    const named = states.flatMap(({ object }) => hostsNamedBy(object as unknown as KubeObject));
    if (named.length > 0 && !named.some((pattern) => hosts.some((host) => namesHost(pattern, host)))) foreign.add(uid);
  }
  let before: number;
  do {
    before = foreign.size;
    for (const { uid, states } of histories) {
      if (states.some(({ object }) => superiorsOf(object).some((superior) => foreign.has(superior)))) foreign.add(uid);
    }
  } while (foreign.size > before);
  return foreign;
}

function superiorsOf(object: Record<string, unknown>): string[] {
  const { metadata, involvedObject } = object as {
    metadata?: { ownerReferences?: { uid?: string }[] };
    involvedObject?: { uid?: string };
  };
  return [...(metadata?.ownerReferences ?? []), involvedObject ?? {}].flatMap(({ uid }) => uid ?? []);
}

/** Names the API server of each object if Istio's control plane has one of its own. */
export function withApi(histories: readonly ObjectHistory[], { istio }: Pick<KubeClient, 'istio'>): ObjectHistory[] {
  if (istio === null) return [...histories];
  return histories.map((history) => ({
    ...history,
    api: isOfIstio(history.apiVersion) ? 'control-plane' : 'cluster',
  }));
}
