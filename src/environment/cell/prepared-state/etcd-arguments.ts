/** The name of etcd's socket in the node's folder. */
export const etcdSocket = 'etcd.sock';

/** The arguments of etcd. A prepared state is written with the same ones: the data names the members' addresses. */
export function etcdArguments(dataFolder: string, socket: string): readonly string[] {
  return [
    `--data-dir=${dataFolder}`,
    `--listen-client-urls=http://127.0.0.1:2379,unix://${socket}`,
    '--advertise-client-urls=http://127.0.0.1:2379',
    '--listen-peer-urls=http://127.0.0.1:2380',
    // A cell is disposable: data lost in a crash of the machine does not matter.
    '--unsafe-no-fsync',
    '--log-level=warn',
  ];
}
