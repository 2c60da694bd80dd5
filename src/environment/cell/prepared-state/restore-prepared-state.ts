import { type CellValues, withoutMarks } from './cell-marks.ts';
import { authorityLike } from './cluster-authorities.ts';
import type { EtcdGateway } from './etcd-gateway.ts';
import type { IntactState } from './prepared-state.ts';

const etcdReadyWithinMs = 30_000;

interface Restoring {
  readonly state: IntactState;
  readonly etcd: EtcdGateway;
  readonly values: Pick<CellValues, 'nodeName' | 'subnet'>;
  /** The certificate of the cell's own authority, PEM. */
  readonly cellCertificate: string;
  readonly signal: AbortSignal;
}

/** Makes new authorities for a cell, in place of those that a prepared state was taken with. */
export async function newAuthorities(state: IntactState): Promise<Pick<CellValues, 'certificates' | 'keys'>> {
  const made = await Promise.all(
    state.authorities.map(async (model) => ({ id: model.id, ...(await authorityLike(model)) })),
  );
  return {
    certificates: Object.fromEntries(made.map(({ id, certificate }) => [id, certificate])),
    keys: Object.fromEntries(made.map(({ id, key }) => [id, key])),
  };
}

/**
 * Stores the objects of a prepared state in the etcd of a cell, with the cell's own names, addresses and authorities. The API server
 * must not have started: it is to meet them all.
 */
export async function restoreObjects(
  { state, etcd, values, cellCertificate, signal }: Restoring,
  authorities: Promise<Pick<CellValues, 'certificates' | 'keys'>>,
): Promise<void> {
  const [{ certificates, keys }] = await Promise.all([authorities, etcd.untilReady(etcdReadyWithinMs, signal)]);
  const now = `${new Date().toISOString().slice(0, 19)}Z`;
  const all: CellValues = { ...values, now, certificates: { ...certificates, cell: cellCertificate }, keys };
  await etcd.put(
    state.objects.map(({ key, object }) => ({ key, value: Buffer.from(JSON.stringify(withoutMarks(object, all))) })),
    signal,
  );
}
