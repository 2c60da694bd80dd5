import { homedir } from 'node:os';
import { join } from 'node:path';

/** The folder of all cells' state: XDG Base Directory Specification, $XDG_STATE_HOME. */
export function stateRoot(): string {
  const base = process.env.XDG_STATE_HOME;
  return join(base?.startsWith('/') ? base : join(homedir(), '.local', 'state'), 'padlock');
}

export function cellsRoot(): string {
  return join(stateRoot(), 'cells');
}

/** Where one cell keeps what; the whole folder goes when the cell goes. */
export interface CellPaths {
  readonly root: string;
  readonly record: string;
  readonly spec: string;
  readonly kubeconfig: string;
  readonly logs: string;
  readonly pki: string;
  /** Bind-mounted at /run/cell inside the node. */
  readonly node: string;
  readonly internet: string;
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
    internet: join(root, 'internet'),
  };
}
