import { scaled } from '../time-scale.ts';
import { applyOrder } from './apply-order.ts';
import { forEachConcurrently } from './bounded-concurrency.ts';
import type { KubeClient } from './client.ts';
import { isTrue } from './conditions.ts';
import { KubeError } from './kube-error.ts';
import { describeRef, type KubeObject, refOf } from './kube-object.ts';
import { retriedWhileBusy } from './retry-busy.ts';

export interface ApplyOptions {
  /** Who owns the applied fields; `padlock` unless given. */
  readonly fieldManager?: string;
  /** Whether fields that others own are taken over; without it they make a conflict. */
  readonly force?: boolean;
  readonly signal?: AbortSignal;
  /** For how long each object is applied again while the API server is too busy for it, in milliseconds. By default not at all. */
  readonly retryWithinMs?: number;
}

const concurrentRequests = 12;
const establishedWithinMs = 30_000;

/** Applies objects stage by stage, see {@link applyOrder}; see {@link KubeClient.apply}. */
export async function applyObjects(
  client: KubeClient,
  objects: readonly KubeObject[],
  options: ApplyOptions,
): Promise<KubeObject[]> {
  const applyStage = (stage: readonly KubeObject[]) =>
    forEachConcurrently(stage, concurrentRequests, (object) =>
      retriedWhileBusy(() => applyObject(client, object, options), {
        withinMs: options.retryWithinMs ?? 0,
        signal: options.signal,
      }),
    );
  const { foundations, settings, workloads, interceptors } = applyOrder(objects);
  const founded = await applyStage(foundations);
  await usable(client, founded, options.signal);
  return [
    ...founded,
    ...(await applyStage(settings)),
    ...(await applyStage(workloads)),
    ...(await applyStage(interceptors)),
  ];
}

async function applyObject(client: KubeClient, object: KubeObject, options: ApplyOptions): Promise<KubeObject> {
  const { fieldManager = 'padlock', force = false, signal } = options;
  const resource = await client.resource(object);
  const { managedFields: _, ...metadata } = object.metadata;
  return (await client.connection.json({
    what: `apply ${describeRef(refOf(object))}`,
    method: 'PATCH',
    path: client.pathOfObject(resource, object.metadata),
    query: { fieldManager, force },
    // JSON is YAML.
    body: { contentType: 'application/apply-patch+yaml', text: JSON.stringify({ ...object, metadata }) },
    signal,
  })) as KubeObject;
}

/** Waits until objects of new kinds and in new namespaces can be made. */
async function usable(client: KubeClient, founded: readonly KubeObject[], signal: AbortSignal | undefined) {
  const definitions = founded.filter((object) => object.kind === 'CustomResourceDefinition');
  for (const object of founded) {
    if (object.kind === 'Namespace' && object.metadata.deletionTimestamp !== undefined) {
      throw new KubeError(
        `Namespace ${object.metadata.name} is still being deleted. Wait until it is gone, or use another name.`,
        { status: 409, reason: 'Conflict' },
      );
    }
  }
  const pending = new Set(
    definitions.filter((object) => !isTrue(object, 'Established')).map((object) => object.metadata.name),
  );
  const [first] = pending;
  if (first !== undefined) {
    const concerns = (object: KubeObject) => pending.has(object.metadata.name) && !isTrue(object, 'Established');
    const allEstablished = (seen: readonly KubeObject[]) =>
      seen.filter((object) => pending.has(object.metadata.name) && isTrue(object, 'Established')).length ===
      pending.size
        ? true
        : undefined;
    const { apiVersion, kind } = { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition' };
    await client.waitFor({ apiVersion, kind }, Object.assign(allEstablished, { concerns }), {
      what: pending.size === 1 ? `${kind} ${first} to be established` : `${pending.size} ${kind}s to be established`,
      withinMs: scaled(establishedWithinMs),
      ...(signal === undefined ? {} : { signal }),
    });
  }
  for (const definition of definitions) client.discovery.learn(definition);
}
