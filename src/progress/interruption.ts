/** Turns SIGINT and SIGTERM into an AbortSignal, for as long as it is held. */
interface Interruption extends Disposable {
  readonly signal: AbortSignal;
  /** 128 plus the signal's number, as a shell reports it: 130 for Ctrl-C. */
  readonly exitCode: number;
}

/** Starts listening. The second signal of a kind ends the process as it would have without this. */
export function interruption(): Interruption {
  const controller = new AbortController();
  let exitCode = 130;
  const listen = (name: 'SIGINT' | 'SIGTERM', code: number, reason: string) => {
    let heard = false;
    // Not `once`: a library that cleans up by signals (signal-exit, of testcontainers) ends the process if no other listener
    // is left, and a `once` listener is gone before it runs.
    const listener = () => {
      if (heard) {
        process.off(name, listener);
        process.kill(process.pid, name);
        return;
      }
      heard = true;
      exitCode = code;
      controller.abort(new Error(reason));
    };
    process.on(name, listener);
    return () => process.off(name, listener);
  };
  const leave = [listen('SIGINT', 130, 'interrupted'), listen('SIGTERM', 143, 'terminated')];
  return {
    signal: controller.signal,
    get exitCode() {
      return exitCode;
    },
    [Symbol.dispose]() {
      for (const stopListening of leave) stopListening();
    },
  };
}
