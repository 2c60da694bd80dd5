import { existsSync } from 'node:fs';
import { cellPaths } from '../../environment/cell/cell-paths.ts';
import { kindPaths } from '../../environment/kind/kind-paths.ts';

/** What a name on the command line stands for: a cell, unless there is only a kind environment of that name. */
export function isKindAlone(name: string): boolean {
  return existsSync(kindPaths(name).root) && !existsSync(cellPaths(name).root);
}
