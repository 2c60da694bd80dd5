interface Spreading<Environment, Item, Done> {
  /** The environment that is up already. */
  readonly first: Environment;
  /** What is done on the first one before it takes items, too. */
  before(environment: Environment): Promise<readonly Done[]>;
  /** Each needs an environment that does nothing else at the time. */
  readonly items: readonly Item[];
  /** How many environments may start beside the first. */
  readonly more: number;
  /**
   * Starts another one.
   *
   * @param number from 2
   * @param signal aborts also where no item is left for it
   */
  start(number: number, signal: AbortSignal): Promise<Environment>;
  /** Told where another one did not start. The others do its work. */
  onNoStart(error: unknown): void;
  run(environment: Environment, item: Item): Promise<Done>;
  /** Removes one that was started beside the first. */
  stop(environment: Environment): Promise<void>;
  readonly signal: AbortSignal;
}

/**
 * Spreads items over several environments: each takes the next one as soon as it is free. What was started is stopped when no item is
 * left, and also on failure and when the signal aborts.
 *
 * @throws the first failure of an item, after every environment but the first is stopped; the signal's reason
 */
export async function spreadOver<Environment, Item, Done>(
  spreading: Spreading<Environment, Item, Done>,
): Promise<readonly Done[]> {
  const { first, more, signal } = spreading;
  const queue = [...spreading.items];
  const done: Done[] = [];
  const noneLeft = new AbortController();
  const next = (): Item | undefined => {
    const item = queue.shift();
    if (queue.length === 0) noneLeft.abort(new Error('no item is left'));
    return item;
  };
  const takeItems = async (environment: Environment) => {
    for (let item = next(); item !== undefined; item = next()) {
      signal.throwIfAborted();
      done.push(await spreading.run(environment, item));
    }
  };
  const onFirst = async () => {
    done.push(...(await spreading.before(first)));
    await takeItems(first);
  };
  const onAnother = async (number: number) => {
    let environment: Environment;
    try {
      environment = await spreading.start(number, AbortSignal.any([signal, noneLeft.signal]));
    } catch (error) {
      signal.throwIfAborted();
      if (!noneLeft.signal.aborted) spreading.onNoStart(error);
      return;
    }
    try {
      await takeItems(environment);
    } finally {
      await spreading.stop(environment);
    }
  };
  const workers = [onFirst(), ...Array.from({ length: more }, (_, index) => onAnother(index + 2))];
  for (const worker of workers) {
    worker.catch(() => {
      queue.length = 0;
      noneLeft.abort(new Error('an item failed'));
    });
  }
  const settled = await Promise.allSettled(workers);
  signal.throwIfAborted();
  for (const outcome of settled) if (outcome.status === 'rejected') throw outcome.reason;
  return done;
}
