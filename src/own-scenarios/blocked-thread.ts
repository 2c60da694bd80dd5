import { Worker } from 'node:worker_threads';
import { programFile } from '../program-file.ts';
import { tellError } from './uncaught-errors.ts';

const beatEveryMs = 200;
/** No step of a scenario computes for that long. */
const blockedWithinMs = 15_000;
const mostBytesOfFolders = 65_536;

const folders = new SharedArrayBuffer(mostBytesOfFolders);
const watched = new Set<string>();
let worker: Promise<void> | null = null;

/**
 * Watches from another thread whether a module below the folder blocks this one, as an endless loop does. What blocks is ended, and its
 * scenario gets an error with the place.
 */
export async function watchForBlocks(folder: string, withinMs = blockedWithinMs): Promise<void> {
  watched.add(folder);
  const text = Buffer.from([...watched].join('\n'));
  // Without the last byte, which ends the text.
  new Uint8Array(folders).set(text.subarray(0, mostBytesOfFolders - 1));
  worker ??= startWorker(withinMs);
  await worker;
}

async function startWorker(withinMs: number): Promise<void> {
  const beats = new SharedArrayBuffer(4);
  const beat = new Int32Array(beats);
  setInterval(() => Atomics.add(beat, 0, 1), beatEveryMs).unref();
  const { promise: isReady, resolve, reject } = Promise.withResolvers<void>();
  const thread = new Worker(programFile(import.meta.dirname, 'block-agent'), {
    workerData: { beats, folders, withinMs },
    // Not the options of Node that this process was started with.
    execArgv: [],
  });
  thread.once('error', reject);
  thread.on('message', (message: { readonly places?: readonly string[] }) => {
    if (message.places === undefined) return resolve();
    const error = new Error(`It blocked Padlock for ${withinMs / 1000} s without awaiting anything, and was ended`);
    error.stack = [`Error: ${error.message}`, ...message.places.map((place) => `    at ${place}`)].join('\n');
    tellError(error);
  });
  await isReady;
  // It ends with the process, which it does not keep.
  thread.unref();
}
