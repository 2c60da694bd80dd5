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
  const interrupt = () => controller.abort(new Error('interrupted'));
  const terminate = () => {
    exitCode = 143;
    controller.abort(new Error('terminated'));
  };
  process.once('SIGINT', interrupt);
  process.once('SIGTERM', terminate);
  return {
    signal: controller.signal,
    get exitCode() {
      return exitCode;
    },
    [Symbol.dispose]() {
      process.off('SIGINT', interrupt);
      process.off('SIGTERM', terminate);
    },
  };
}
