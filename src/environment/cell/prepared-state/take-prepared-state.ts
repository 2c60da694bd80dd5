import { open, readdir, rm, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import type { KubeClient } from '../../../kube/client.ts';
import type { KubeObject } from '../../../kube/kube-object.ts';
import { withMarks } from './cell-marks.ts';
import { clusterAuthorities, keyFormOf } from './cluster-authorities.ts';
import { EtcdGateway, type StoredValue } from './etcd-gateway.ts';
import { type StateObjects, writePreparedState } from './prepared-state.ts';
import { asNew, copiedKinds, isDropped, keyOf, type MarkedObject, remainderOf } from './state-objects.ts';

const settledWithinMs = 20_000;
const registry = '/registry/';

interface Taking {
  /** Where the state is put. */
  readonly folder: string;
  readonly kube: KubeClient;
  /** The socket of the cell's etcd. */
  readonly etcdSocket: string;
  readonly nodeName: string;
  /** The first three octets of the cell's subnet. */
  readonly subnet: string;
  /** The certificate of the cell's own authority, PEM. */
  readonly cellCertificate: string;
  /** Runs an etcd with an empty data folder, and ends it when the work is done. */
  runEtcd(dataFolder: string, work: (etcd: EtcdGateway) => Promise<void>): Promise<void>;
  readonly signal: AbortSignal;
}

/**
 * Takes a prepared state of a cell on which everything was just installed, and which nobody used yet.
 *
 * It is written into an etcd of its own, value by value, so that nothing that was left out, such as a private key, is in its files.
 *
 * @throws Error where the installation does not settle or something of the cell would be left in the state
 */
export async function takePreparedState(taking: Taking): Promise<void> {
  const { folder, kube, signal } = taking;
  await untilSettled(kube, signal);
  const { kept, objects } = await stateOf(taking);
  await writePreparedState(folder, objects, async (dataFolder) => {
    await taking.runEtcd(dataFolder, (etcd) => etcd.put(kept, signal));
    await trimLog(join(dataFolder, 'member', 'wal'));
  });
}

/** cainjector and istiod put their certificates into webhooks after they are Available: without these, the state is not whole. */
async function untilSettled(kube: KubeClient, signal: AbortSignal): Promise<void> {
  const hasBundles = (object: KubeObject) =>
    ((object.webhooks ?? []) as readonly { clientConfig: { caBundle?: string } }[]).every(
      ({ clientConfig }) => (clientConfig.caBundle ?? '') !== '',
    );
  const concerns = (object: KubeObject) => !hasBundles(object);
  const allHave = Object.assign((seen: readonly KubeObject[]) => (seen.every(hasBundles) ? true : undefined), {
    concerns,
  });
  await Promise.all(
    copiedKinds
      .filter(({ kind }) => kind.endsWith('WebhookConfiguration'))
      .map(({ apiVersion, kind }) =>
        kube.waitFor({ apiVersion, kind }, allHave, {
          what: `every ${kind} to have its authority`,
          withinMs: settledWithinMs,
          signal,
        }),
      ),
  );
}

/** What a prepared state of a cell has: values as they are, and objects with marks. */
interface StateParts {
  readonly kept: readonly StoredValue[];
  readonly objects: StateObjects;
}

async function stateOf({ kube, etcdSocket, signal, ...cell }: Taking): Promise<StateParts> {
  const [stored, lists] = await Promise.all([
    new EtcdGateway(etcdSocket).range(registry, signal),
    Promise.all(
      copiedKinds.map(async ({ apiVersion, kind, path }) =>
        (await kube.list({ apiVersion, kind }, signal)).map((object) => ({ key: keyOf(path, object), object })),
      ),
    ),
  ]);
  return stateFrom(stored, lists.flat(), cell);
}

/**
 * Separates what a prepared state has from what belongs to the cell.
 *
 * @param stored all values of the API server
 * @param listed the objects of {@link copiedKinds} as the API server gives them
 * @throws Error where something of the cell would be left in the state
 */
export function stateFrom(
  stored: readonly StoredValue[],
  listed: readonly { readonly key: string; readonly object: KubeObject }[],
  { nodeName, subnet, cellCertificate }: Pick<Taking, 'nodeName' | 'subnet' | 'cellCertificate'>,
): StateParts {
  const certificates: Record<string, string> = { cell: cellCertificate };
  const keys: Record<string, string> = {};
  const secrets = new Set<string>();
  for (const authority of clusterAuthorities) {
    const found = listed.find(
      ({ object: { kind, metadata } }) =>
        kind === 'Secret' && metadata.name === authority.secret && metadata.namespace === authority.namespace,
    );
    if (found === undefined) continue;
    secrets.add(found.key);
    const data = found.object.data as Readonly<Record<string, string>>;
    const field = (name: string) => Buffer.from(data[name] ?? '', 'base64').toString();
    const [certificate, key] = [field(authority.certificate), field(authority.key)];
    if (certificate === '' || key === '')
      throw new Error(`${found.key} has no ${authority.certificate} or no ${authority.key}`);
    certificates[authority.id] = certificate;
    keys[authority.id] = key;
  }
  const copies = listed.flatMap(({ key, object }): MarkedObject[] => {
    if (object.kind === 'Secret' && !secrets.has(key)) return [];
    if (isDropped(key, Buffer.from(JSON.stringify(object.metadata))) && !copiedAlways.has(object.kind)) return [];
    const fresh = asNew(object);
    if (fresh === null) return [];
    const marked = withMarks(fresh, { subnet, certificates, keys });
    const isTheSame = JSON.stringify(marked) === JSON.stringify(fresh);
    return isTheSame && !copiedAlways.has(object.kind) ? [] : [{ key, object: marked }];
  });
  const copied = new Set(copies.map(({ key }) => key));
  const kept = stored.filter(({ key, value }) => !copied.has(key) && !isDropped(key, value));
  refuseRemainders([...kept, ...copies.map(asStored)], { nodeName, subnet });
  const authorities = Object.entries(keys).map(([id, key]) => ({
    id,
    certificate: certificates[id] ?? '',
    keyForm: keyFormOf(key),
  }));
  return { kept, objects: { authorities, objects: copies } };
}

const copiedAlways: ReadonlySet<string> = new Set(['Pod', 'Secret', 'Deployment', 'ReplicaSet']);

function asStored({ key, object }: MarkedObject): StoredValue {
  return { key, value: Buffer.from(JSON.stringify(object)) };
}

/** @throws Error that names the values which still have something of the cell */
function refuseRemainders(values: readonly StoredValue[], cell: { nodeName: string; subnet: string }): void {
  const found = values.flatMap(({ key, value }) => {
    const remainder = remainderOf(value, cell);
    return remainder === null ? [] : [`${key} has ${remainder}`];
  });
  if (found.length > 0) throw new Error(`what belongs to this cell would get into others: ${found.join(', ')}`);
}

const page = 4096;

/** etcd reserves 64 MB for each file of its log, and reads what is there up to the first empty record or the end of the file. */
async function trimLog(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const file = join(folder, name);
    if (!name.endsWith('.wal')) {
      await rm(file, { force: true, recursive: true });
      continue;
    }
    const { size } = await stat(file);
    const end = await endOfContent(file, size);
    await truncate(file, Math.min(size, (Math.ceil(end / page) + 1) * page));
  }
}

/** Where the last byte that is not zero ends. */
async function endOfContent(file: string, size: number): Promise<number> {
  await using handle = await open(file);
  const chunk = Buffer.alloc(1 << 20);
  for (let end = size; end > 0; ) {
    const start = Math.max(0, end - chunk.length);
    const { bytesRead } = await handle.read(chunk, 0, end - start, start);
    for (let i = bytesRead - 1; i >= 0; i--) if (chunk[i] !== 0) return start + i + 1;
    end = start;
  }
  return 0;
}
