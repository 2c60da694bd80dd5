/** A long-running process of the cell: its command line inside its namespaces. */
export interface CellProcess {
  readonly name: string;
  /**
   * When it is started: at once; when the API server answers; or when it is ready, for what has no rights before the
   * API server has made its own RBAC roles and would fall into back-offs. The API server itself starts when etcd has a prepared
   * state, if there is one; etcd as soon as the node has its folder.
   */
  readonly startsWhen: 'folder-mounted' | 'at-once' | 'state-restored' | 'api-server-answers' | 'api-server-ready';
  readonly command: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}
