/** Whether an error is of one scenario, and who is told. */
interface Watcher {
  isOf(error: unknown): boolean;
  onError(error: unknown): void;
}

const watchers = new Set<Watcher>();

/**
 * Takes errors of a user's scenario that nothing awaits, such as one thrown in a timer, which would end the process. An error of nobody's
 * scenario ends it all the same.
 *
 * @param isOf whether an error comes from the scenario's files
 * @returns rejects with the first one; `ignore` ends the watch
 */
export function uncaughtErrorsOf(isOf: (error: unknown) => boolean): {
  readonly first: Promise<never>;
  ignore(): void;
} {
  const { promise: first, reject } = Promise.withResolvers<never>();
  // It may reject before, or after, somebody waits for it.
  first.catch(() => {});
  const watcher = { isOf, onError: reject };
  if (watchers.size === 0) process.on('uncaughtException', tell);
  watchers.add(watcher);
  return {
    first,
    ignore() {
      watchers.delete(watcher);
      if (watchers.size === 0) process.off('uncaughtException', tell);
    },
  };
}

/** Tells an error to the scenarios that it comes from. @returns whether there is one */
export function tellError(error: unknown): boolean {
  const concerned = [...watchers].filter((watcher) => watcher.isOf(error));
  for (const { onError } of concerned) onError(error);
  return concerned.length > 0;
}

function tell(error: unknown): void {
  if (tellError(error) || process.listenerCount('uncaughtException') > 1) return;
  process.off('uncaughtException', tell);
  throw error;
}
