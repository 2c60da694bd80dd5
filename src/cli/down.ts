import { existsSync } from 'node:fs';
import { checkCellName, downAllCells, downCell } from '../environment/cell/cell.ts';
import { cellPaths } from '../environment/cell/cell-paths.ts';
import { cellsWithRemains } from '../environment/cell/remains.ts';
import { UserError } from '../user-error.ts';

/** `padlock down [NAME|--all]` */
export async function down(name: string | undefined, { all }: { all: boolean }): Promise<number> {
  if (all && name !== undefined)
    throw new UserError(`Give a name or --all, not both: 'padlock down ${name}' removes one.`);
  if (all) {
    const names = await downAllCells();
    process.stderr.write(names.length > 0 ? `Removed ${names.join(', ')}.\n` : 'There was nothing to remove.\n');
    return 0;
  }
  const cell = name ?? 'default';
  checkCellName(cell);
  if (!existsSync(cellPaths(cell).root) && !(await cellsWithRemains()).includes(cell)) {
    throw new UserError(`There is no cell named '${cell}'; 'padlock status' lists those that are.`);
  }
  const downMs = await downCell(cell);
  process.stderr.write(`Removed ${cell} in ${(downMs / 1000).toFixed(1)} s.\n`);
  return 0;
}
