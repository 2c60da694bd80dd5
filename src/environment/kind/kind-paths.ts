import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stateRoot } from '../state-root.ts';

/** The folder of the state of all kind environments. */
export function kindsRoot(): string {
  return join(stateRoot(), 'kinds');
}

/** The paths of one kind environment. The root and the folder for programs outside are removed with it. */
export interface KindPaths {
  readonly root: string;
  readonly record: string;
  readonly kubeconfig: string;
  /** What kind is told to make. */
  readonly configuration: string;
  readonly logs: string;
  /** For programs outside: a short path, because a browser creates sockets in it, whose paths are limited to 107 bytes. */
  readonly outside: string;
  /** The resolver of programs outside. */
  readonly resolvConf: string;
}

export function kindPaths(name: string): KindPaths {
  const root = join(kindsRoot(), name);
  return {
    root,
    record: join(root, 'kind.json'),
    kubeconfig: join(root, 'kubeconfig'),
    configuration: join(root, 'kind.yaml'),
    logs: join(root, 'logs'),
    outside: join(tmpdir(), `padlock-${createHash('sha256').update(root).digest('hex').slice(0, 8)}`),
    resolvConf: join(root, 'resolv.conf'),
  };
}
