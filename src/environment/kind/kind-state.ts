import { processStartTime } from '../../process-start-time.ts';
import { UserError } from '../../user-error.ts';
import { allRun, nodesOf } from './cluster-nodes.ts';
import { openContainerEngine } from './container-engine.ts';
import { type KindRecord, readKindRecord } from './kind-record.ts';
import { kindRemains } from './remains.ts';

/** How a kind environment of this machine is. */
export interface KindState {
  readonly name: string;
  /** 'unfinished' while it starts, and after a start that was killed; 'unknown' where its container engine does not answer. */
  readonly phase: 'running' | 'ended' | 'unfinished' | 'unknown';
  /** Null until it is whole. */
  readonly record: KindRecord | null;
  /** What is wrong with it, a sentence; null for nothing. */
  readonly failure: string | null;
}

/** All kind environments of this machine, also those of which only something is left. */
export async function kindStates(): Promise<readonly KindState[]> {
  return await Promise.all((await kindRemains()).map(kindState));
}

/** Asks the container engine how one is. */
export async function kindState(name: string): Promise<KindState> {
  const record = await readKindRecord(name);
  if (record === null) return { name, phase: 'unfinished', record, failure: null };
  try {
    const nodes = await nodesOf(await openContainerEngine(record.provider), name);
    if (!allRun(nodes)) return { name, phase: 'ended', record, failure: null };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { name, phase: 'unknown', record, failure: error.message };
  }
  const { keeper } = record;
  const isKept = keeper !== null && (await processStartTime(keeper.pid)) === keeper.startTime;
  const failure = 'Its keeper ended: new Services of type LoadBalancer get no address, and its logs end there.';
  return { name, phase: 'running', record, failure: isKept ? null : failure };
}
