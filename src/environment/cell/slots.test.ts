import { expect, test } from 'vitest';
import { useStateFolder } from '../state-folder-fixture.ts';
import { cellNetwork, firstSlot, lastSlot } from './cell-network.ts';
import { overlap, releaseSlot, slotsOf, takeSlot } from './slots.ts';

useStateFolder();

test.each([
  ['10.231.7.0/24', '10.231.7.0/24', true],
  ['10.231.7.0/24', '10.231.8.0/24', false],
  ['10.231.7.255', '10.231.7.0/24', true],
  ['10.231.8.0', '10.231.7.0/24', false],
  ['10.0.0.0/8', '10.231.7.0/24', true],
  ['10.231.7.4/30', '10.231.7.0/24', true],
  ['10.230.0.0/16', '10.231.0.0/24', false],
  ['0.0.0.0/0', '10.231.7.0/24', true],
  ['192.168.0.0/16', '10.231.7.0/24', false],
  ['255.255.255.255', '128.0.0.0/1', true],
])('%s and %s overlap: %s', (a, b, expected) => {
  expect(overlap(a, b)).toBe(expected);
  expect(overlap(b, a)).toBe(expected);
});

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
