import { join } from 'node:path';
import { UserError } from '../user-error.ts';
import { catalogue } from './catalogue.ts';
import type { Component } from './component.ts';
import { componentKey } from './component-key.ts';
import { pinnedToolchain, toolchainKey } from './go-toolchain.ts';
import { damagedOutputs, type OutputRecord, readOutputRecord } from './output-record.ts';

/** Which components are meant, by id. */
export interface Selection {
  /** Only these. Default: all that a run needs. */
  readonly only?: readonly string[];
  /** Optional components in addition, with their images. */
  readonly besides?: readonly string[];
  /** Components that this run does not need although most do. None of them may be part of an image, unless a variant stands in for it. */
  readonly without?: readonly string[];
}

/** A component and where its outputs belong in the cache. */
export interface Slot {
  readonly component: Component;
  readonly key: string;
  readonly folder: string;
}

/** The slots of a selection, in the catalogue's order. @throws UserError (2) for an unknown component */
export async function slotsOf(
  { only, besides = [], without = [] }: Selection,
  cache: string,
): Promise<readonly Slot[]> {
  const unknown = [...(only ?? []), ...besides, ...without].filter(
    (id) => !catalogue.some((component) => component.id === id),
  );
  if (unknown.length > 0) {
    throw new UserError(
      `Unknown component '${unknown.join("', '")}'. Known components: ${catalogue.map(({ id }) => id).join(', ')}.`,
    );
  }
  const wanted = catalogue.filter(({ id, optional }) =>
    only === undefined ? (!optional || besides.includes(id)) && !without.includes(id) : only.includes(id),
  );
  const toolchain = toolchainKey(pinnedToolchain());
  return await Promise.all(
    wanted.map(async (component) => {
      const key = await componentKey(component, toolchain);
      return { component, key, folder: join(cache, 'components', component.id, key) };
    }),
  );
}

/** What is found in the folder of a slot: its record, and the outputs that are not as it says. Null if there is no record. */
export async function foundOutputs(
  folder: string,
  onReading?: (bytes: number) => void,
): Promise<{ readonly record: OutputRecord; readonly damaged: readonly string[] } | null> {
  const record = await readOutputRecord(folder);
  return record === null ? null : { record, damaged: await damagedOutputs(folder, record, onReading) };
}

/** The slots whose outputs are missing or damaged. */
export async function unfilledSlots(slots: readonly Slot[]): Promise<readonly Slot[]> {
  const filled = await Promise.all(slots.map(async ({ folder }) => (await foundOutputs(folder))?.damaged.length === 0));
  return slots.filter((_, position) => !filled[position]);
}
