import { monitorEventLoopDelay } from 'node:perf_hooks';

/** A CA may wait no longer than this for an answer, in milliseconds: resolvers ask again after one or two seconds. */
const lateMs = 1_000;

/** Watches whether this process could answer a CA in time. */
export interface DelayWatch extends Disposable {
  /** Whether it was held up so long that a CA may have given up. */
  readonly isLate: () => boolean;
}

/** Watches the event loop until it is disposed: on a busy machine, a right answer comes late, and the CA calls it wrong. */
export function watchDelay(): DelayWatch {
  const delay = monitorEventLoopDelay();
  delay.enable();
  return {
    isLate: () => delay.max / 1e6 > lateMs,
    [Symbol.dispose]: () => void delay.disable(),
  };
}
