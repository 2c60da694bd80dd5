/**
 * The keeper of one cell: a process in the background that makes the cell's namespaces, starts its parts, gives LoadBalancer
 * Services their addresses and finally removes everything. However it ends, the cell ends with it: the kernel kills what is in its
 * namespaces, and the network goes with them.
 *
 * Started as `node keeper.ts SPEC`; see keeper-protocol.ts.
 */

import { readFile } from 'node:fs/promises';
import { messageOf } from '../../error-message.ts';
import { processStartTime } from '../../process-start-time.ts';
import { chooseTimeScale } from '../../time-scale.ts';
import { keeperStop } from '../keeper-stop.ts';
import { assembleCell } from './assemble-cell.ts';
import { cellPaths } from './cell-paths.ts';
import { type CellRecord, writeCellRecord } from './cell-record.ts';
import { type KeeperEvent, keeperSpecSchema } from './keeper-protocol.ts';
import { measureBy } from './machine-speed.ts';
import { enterCellCgroup, leaveCellCgroup, peakMemoryBytes } from './processes/cgroups.ts';
import { fullDiskNote } from './processes/full-disk-note.ts';
import { removeRemains } from './remains.ts';

const started = performance.now();
const sinceStartMs = () => Math.round(performance.now() - started);

function say(event: KeeperEvent): void {
  process.stdout.write(`${JSON.stringify(event)}\n`);
}

// Whoever listened may be gone; the cell lives on.
process.stdout.on('error', () => {});

const specFile = process.argv[2];
if (!specFile) throw new Error('usage: keeper.ts SPEC');
const spec = keeperSpecSchema.parse(JSON.parse(await readFile(specFile, 'utf8')));
chooseTimeScale(spec.timeScale);
const paths = cellPaths(spec.name);
const startTime = await processStartTime(process.pid);
if (startTime === null) throw new Error('/proc does not show this process');

let record: CellRecord = {
  schemaVersion: 2,
  name: spec.name,
  slot: spec.slot,
  createdAt: spec.createdAt,
  ca: spec.ca,
  phase: 'starting',
  failure: null,
  keeper: { pid: process.pid, startTime },
  nodePid: null,
  outsidePid: null,
  restoredFrom: null,
};
let recordWritten = Promise.resolve();
function note(change: Partial<CellRecord>): Promise<void> {
  record = { ...record, ...change };
  const snapshot = record;
  const written = recordWritten.then(() => writeCellRecord(snapshot));
  recordWritten = written.catch(() => {});
  return written;
}
await note({});

function fail(why: string): void {
  // The first is the cause: what ends after it may have ended because of it.
  if (record.failure !== null) return;
  const message = `${why}${fullDiskNote(paths.root)}`;
  say({ event: 'failed', message });
  // Whoever started the cell has heard it.
  note({ phase: 'failed', failure: message }).catch(() => {});
}

const stop = keeperStop('cell');

await enterCellCgroup(spec.name, process.pid);
const cell = await assembleCell(spec, paths, {
  signal: stop,
  onPhase: (phase) => {
    measureBy(phase, sinceStartMs());
    say({ event: 'phase', phase, sinceStartMs: sinceStartMs() });
  },
  onNamespaces: (nodePid, outsidePid) => note({ nodePid, outsidePid }),
  onStateRefused: (message) => say({ event: 'state-refused', message }),
  onFailure: fail,
}).catch((error: unknown) => {
  const message = messageOf(error);
  if (!stop.aborted) fail(message);
  return null;
});

if (cell) {
  const { restoredFrom } = cell;
  await note({ restoredFrom, ...(record.phase === 'starting' ? { phase: 'running' } : {}) }).catch((error: unknown) =>
    fail(`its record cannot be written (${messageOf(error)})`),
  );
  say({ event: 'ready', sinceStartMs: sinceStartMs(), restoredFrom });
}
// Also where it did not start: its logs stay until whoever started it has taken them.
if (!stop.aborted) await new Promise((resolve) => stop.addEventListener('abort', resolve, { once: true }));

const stopping = performance.now();
await note({ phase: 'stopping' }).catch(() => {});
const memory = await peakMemoryBytes(spec.name);
await cell?.end();
await leaveCellCgroup(process.pid);
await removeRemains(spec.name);
say({ event: 'gone', peakMemoryBytes: memory, downMs: Math.round(performance.now() - stopping) });
process.exit(0);
