import { processStartTime } from '../../process-start-time.ts';
import { UserError } from '../../user-error.ts';
import { allRun, nodesOf } from './cluster-nodes.ts';
import { openContainerEngine } from './container-engine.ts';
import { type KindRecord, readKindRecord } from './kind-record.ts';
import { kindRemains } from './remains.ts';

/** The state of a kind environment on this machine. */
export interface KindState {
  readonly name: string;
  /** 'unfinished' while it starts and after a killed start; 'unknown' if its container engine does not answer. */
  readonly phase: 'running' | 'ended' | 'unfinished' | 'unknown';
  /** Null until its start has finished. */
  readonly record: KindRecord | null;
  /** The problem with it, in one sentence; null if there is none. */
  readonly failure: string | null;
}

/** All kind environments on this machine, including partly removed ones. */
export async function kindStates(): Promise<readonly KindState[]> {
  return await Promise.all((await kindRemains()).map(kindState));
}

/** Asks the container engine for the state of one environment. */
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
  const failure = 'Its keeper ended: new Services of type LoadBalancer get no address, and nothing is logged any more.';
  return { name, phase: 'running', record, failure: isKept ? null : failure };
}
