import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { useStateFolder } from '../state-folder-fixture.ts';
import { cellNetwork, firstSlot, lastSlot } from './node/cell-network.ts';
import { releaseSlot, slotsOf, takeSlot } from './slots.ts';

useStateFolder();

/** Takes a slot for a cell whose interface then exists, as far as the claim goes. */
async function takeAndStart(cell: string, wanted?: number): Promise<number> {
  await using taken = await takeSlot(cell, wanted);
  return taken.slot;
}

test('gives two that ask at once different slots', async () => {
  const cells = ['one', 'two', 'three', 'four'];
  await using parts = new AsyncDisposableStack();
  const taken = await Promise.all(cells.map((cell) => takeSlot(cell)));
  for (const each of taken) parts.use(each);
  const slots = taken.map(({ slot }) => slot);
  expect(new Set(slots).size).toBe(cells.length);
  for (const slot of slots) {
    expect(slot).toBeGreaterThanOrEqual(firstSlot);
    expect(slot).toBeLessThanOrEqual(lastSlot);
  }
  expect(await Promise.all(cells.map((cell) => slotsOf(cell)))).toEqual(slots.map((slot) => [slot]));
});

test('gives two that ask at once with two state folders different slots', async () => {
  await using one = await takeSlot('one');
  const folder = await mkdtemp(join(tmpdir(), 'padlock-state-'));
  vi.stubEnv('XDG_STATE_HOME', folder);
  try {
    await using other = await takeSlot('other');
    expect(other.slot).not.toBe(one.slot);
    await expect(takeSlot('third', one.slot)).rejects.toThrow(
      `The subnet ${cellNetwork(one.slot).subnet} is taken by a cell that is starting.`,
    );
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('gives a wanted slot to one only, and tells the other who has it', async () => {
  const slot = await takeAndStart('first');
  await releaseSlot(slot);
  expect(await takeAndStart('first', slot)).toBe(slot);
  await expect(takeSlot('second', slot)).rejects.toMatchObject({
    exitCode: 3,
    message: `The subnet ${cellNetwork(slot).subnet} is taken by the cell 'first'. Choose another one with --subnet, or omit the option.`,
  });
});

test('gives a slot again once it was given back', async () => {
  const slot = await takeAndStart('first');
  await releaseSlot(slot);
  expect(await slotsOf('first')).toEqual([]);
  expect(await takeAndStart('second', slot)).toBe(slot);
});

test('knows of no slots before the first cell', async () => {
  expect(await slotsOf('first')).toEqual([]);
  await releaseSlot(firstSlot);
});
