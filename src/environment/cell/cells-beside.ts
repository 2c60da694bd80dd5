import { availableParallelism } from 'node:os';
import { UserError } from '../../user-error.ts';

/** What a cell and the scenarios in it use at most, in bytes: the peak of `core` with a browser, and some more. */
const memoryOfCell = 1_700_000_000;
const usualCells = 2;
export const mostCells = 8;

interface Machine {
  /** Memory that new processes can use, in bytes. */
  readonly availableMemory: number;
  readonly cores: number;
}

function thisMachine(): Machine {
  return { availableMemory: process.availableMemory(), cores: availableParallelism() };
}

/** How many cells a run may have, and why these are fewer than usual, in one sentence. */
export interface CellCount {
  readonly cells: number;
  readonly limitedBy: string | null;
}

/**
 * The number of cells of a run: as asked for, or two, where this machine has two cores and the memory.
 *
 * @throws UserError (3) for more cells than the memory holds
 */
export function cellsOfRun(wanted: number | undefined, machine = thisMachine()): CellCount {
  const fit = Math.floor(machine.availableMemory / memoryOfCell);
  const memory = `${gigabytes(machine.availableMemory)} of memory are available, and a cell needs ${gigabytes(memoryOfCell)}`;
  if (wanted !== undefined) {
    if (wanted === 1 || wanted <= fit) return { cells: wanted, limitedBy: null };
    throw new UserError(`--cells ${wanted} needs more memory: ${memory}. Use --cells ${Math.max(1, fit)}.`, {
      exitCode: 3,
    });
  }
  if (machine.cores < 2) return { cells: 1, limitedBy: 'This machine has one core, so the run has one cell.' };
  if (fit < usualCells) return { cells: 1, limitedBy: `The run has one cell: ${memory}.` };
  return { cells: usualCells, limitedBy: null };
}

/** @throws Error with the expected form of a number of cells */
export function parseCells(text: string): number {
  const count = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (count >= 1 && count <= mostCells) return count;
  throw new Error(`it must be a number from 1 to ${mostCells}.`);
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}
