/**
 * Runs in a thread of its own, beside modules of a user: while one of them blocks the main thread, nothing there can notice it. Asks the
 * main thread's debugger where it is, and ends what runs if that is a user's module.
 */
import { type Debugger, Session } from 'node:inspector';
import { parentPort, workerData } from 'node:worker_threads';

const { beats, withinMs, folders } = workerData as {
  readonly beats: SharedArrayBuffer;
  readonly withinMs: number;
  /** The user's folders, as one text with a line each, in UTF-8. */
  readonly folders: SharedArrayBuffer;
};
const beat = new Int32Array(beats);
const lookEveryMs = 250;
const padlockModules = new URL('..', import.meta.url).href;

let seen = -1;
let since = Date.now();
let isLooking = false;

setInterval(() => {
  const now = Atomics.load(beat, 0);
  if (now !== seen) {
    seen = now;
    since = Date.now();
  } else if (!isLooking && Date.now() - since > withinMs) {
    isLooking = true;
    lookAtMainThread();
  }
}, lookEveryMs);
parentPort?.postMessage({ ready: true });

function lookAtMainThread(): void {
  const session = new Session();
  session.connectToMainThread();
  const urls = new Map<string, string>();
  session.on('Debugger.scriptParsed', ({ params }) => urls.set(params.scriptId, params.url));
  session.on('Debugger.paused', ({ params }) => {
    const places = params.callFrames.map((frame) => placeOf(frame, urls));
    const isUsers = places.some((place) => isOfUser(place));
    const end = () => {
      session.disconnect();
      since = Date.now();
      isLooking = false;
      if (isUsers) parentPort?.postMessage({ places });
    };
    if (isUsers) session.post('Runtime.terminateExecution');
    session.post('Debugger.resume', end);
  });
  session.post('Debugger.enable', () => session.post('Debugger.pause'));
}

function placeOf({ url, location }: Debugger.CallFrame, urls: ReadonlyMap<string, string>): string {
  const at = url === '' ? (urls.get(location.scriptId) ?? '') : url;
  return `${at}:${location.lineNumber + 1}:${(location.columnNumber ?? 0) + 1}`;
}

/** Padlock's own modules and installed packages may be below a folder of the user. */
function isOfUser(place: string): boolean {
  if (place.includes('/node_modules/') || place.startsWith(padlockModules)) return false;
  return userFolders().some((folder) => place.includes(`${folder}/`));
}

function userFolders(): readonly string[] {
  const bytes = Buffer.from(new Uint8Array(folders));
  return bytes
    .subarray(0, bytes.indexOf(0))
    .toString()
    .split('\n')
    .filter((line) => line !== '');
}
