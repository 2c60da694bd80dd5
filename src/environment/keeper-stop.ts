import { createInterface } from 'node:readline';

/**
 * When a keeper is to stop: on SIGTERM, SIGINT or SIGHUP, and when its stdin ends, which it does with the command that started
 * it, however that ends; unless that command wrote the line `detach` before.
 *
 * @param kept what is kept, for the signal's reason, e.g. `cell`
 */
export function keeperStop(kept: string): AbortSignal {
  const stop = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => stop.abort(signal));
  let detached = false;
  const orders = createInterface({ input: process.stdin });
  orders.on('line', (line) => {
    if (line === 'detach') detached = true;
  });
  orders.on('close', () => {
    if (!detached) stop.abort(`the command that started the ${kept} has ended`);
  });
  return stop.signal;
}
