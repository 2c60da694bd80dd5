import { UserError } from '../user-error.ts';

/** A part of the selected scenarios, as `--shard 2/4` names it. */
export interface Shard {
  /** From 1 to `count`. */
  readonly index: number;
  readonly count: number;
}

/** The maximum number of shards; a larger one is a typing error. */
const mostShards = 1000;

/** Reads `INDEX/COUNT`. @throws UserError (2) in one sentence */
export function parseShard(text: string): Shard {
  const [, index, count] = (/^(\d{1,9})\/(\d{1,9})$/.exec(text) ?? []).map(Number);
  if (index === undefined || count === undefined || index < 1 || index > count || count > mostShards) {
    throw new UserError(
      `The shard must be INDEX/COUNT, e.g. 2/4, with an index from 1 to the count and a count up to ${mostShards}, not ${JSON.stringify(text)}.`,
    );
  }
  return { index, count };
}

/**
 * The items of one shard: every count-th from the index on, in their order. The same items give the same shards on every
 * machine, all shards together hold each item once, and no shard holds more than one item more than another.
 *
 * With fewer items than shards the last ones are empty. Such a run has nothing to do and its result is that nothing ran
 * (`partial`); so a selection is best split into no more shards than it has scenarios.
 */
export function shardOf<Item>(items: readonly Item[], { index, count }: Shard): Item[] {
  return items.filter((_, position) => position % count === index - 1);
}
