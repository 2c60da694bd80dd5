import { expect, test } from 'vitest';
import { useStateFolder } from '../state-folder-fixture.ts';
import { cellNetwork, firstSlot, lastSlot } from './node/cell-network.ts';
import { releaseSlot, slotsOf, takeSlot } from './slots.ts';

useStateFolder();

test('gives two that ask at once different slots', async () => {
  const cells = ['one', 'two', 'three', 'four'];
  const slots = await Promise.all(cells.map((cell) => takeSlot(cell)));
  expect(new Set(slots).size).toBe(cells.length);
  for (const slot of slots) {
    expect(slot).toBeGreaterThanOrEqual(firstSlot);
    expect(slot).toBeLessThanOrEqual(lastSlot);
  }
  expect(await Promise.all(cells.map((cell) => slotsOf(cell)))).toEqual(slots.map((slot) => [slot]));
});

test('gives a wanted slot to one only, and tells the other who has it', async () => {
  const slot = await takeSlot('first');
  await releaseSlot(slot);
  const results = await Promise.allSettled([takeSlot('first', slot), takeSlot('second', slot)]);
  expect(results.filter(({ status }) => status === 'fulfilled')).toEqual([{ status: 'fulfilled', value: slot }]);
  const [holder] = (await slotsOf('first')).length > 0 ? ['first'] : ['second'];
  expect(results.find(({ status }) => status === 'rejected')).toMatchObject({
    reason: {
      exitCode: 3,
      message: `The subnet ${cellNetwork(slot).subnet} is taken by the cell '${holder}'. Choose another one with --subnet, or omit the option.`,
    },
  });
});

test('gives a slot again once it was given back', async () => {
  const slot = await takeSlot('first');
  await releaseSlot(slot);
  expect(await slotsOf('first')).toEqual([]);
  expect(await takeSlot('second', slot)).toBe(slot);
});

test('knows of no slots before the first cell', async () => {
  expect(await slotsOf('first')).toEqual([]);
  await releaseSlot(firstSlot);
});
