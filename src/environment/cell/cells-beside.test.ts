import { expect, test } from 'vitest';
import { cellsOfRun, parseCells } from './cells-beside.ts';

const roomy = { availableMemory: 24e9, cores: 2 };

test('two cells where the machine has the cores and the memory', () => {
  expect(cellsOfRun(undefined, roomy)).toEqual({ cells: 2, limitedBy: null });
});

test('one cell, and why, where it has not', () => {
  expect(cellsOfRun(undefined, { ...roomy, availableMemory: 2e9 })).toEqual({
    cells: 1,
    limitedBy: 'The run has one cell: 2.0 GB of memory are available, and a cell needs 1.7 GB.',
  });
  expect(cellsOfRun(undefined, { ...roomy, cores: 1 })).toEqual({
    cells: 1,
    limitedBy: 'This machine has one core, so the run has one cell.',
  });
});

test('as many as asked for, if there is memory', () => {
  expect(cellsOfRun(4, roomy).cells).toBe(4);
  expect(cellsOfRun(1, { ...roomy, availableMemory: 1e9 }).cells).toBe(1);
  expect(() => cellsOfRun(4, { ...roomy, availableMemory: 4e9 })).toThrow(
    '--cells 4 needs more memory: 4.0 GB of memory are available, and a cell needs 1.7 GB. Use --cells 2.',
  );
});

test.each(['0', '9', '-1', '1.5', 'two', ''])('%j is no number of cells', (text) => {
  expect(() => parseCells(text)).toThrow('it must be a number from 1 to 8.');
});

test('reads a number of cells', () => {
  expect(parseCells('3')).toBe(3);
});
