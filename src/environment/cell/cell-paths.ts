import { join } from 'node:path';
import { stateRoot } from '../state-root.ts';

export function cellsRoot(): string {
  return join(stateRoot(), 'cells');
}

/** The paths of one cell. The whole folder is removed with the cell. */
export interface CellPaths {
  readonly root: string;
  readonly record: string;
  readonly spec: string;
  readonly kubeconfig: string;
  readonly logs: string;
  readonly pki: string;
  /** Bind-mounted at /run/cell inside the node. */
  readonly node: string;
  readonly outside: string;
}

export function cellPaths(name: string): CellPaths {
  const root = join(cellsRoot(), name);
  return {
    root,
    record: join(root, 'cell.json'),
    spec: join(root, 'spec.json'),
    kubeconfig: join(root, 'kubeconfig'),
    logs: join(root, 'logs'),
    pki: join(root, 'node', 'pki'),
    node: join(root, 'node'),
    outside: join(root, 'outside'),
  };
}
