import type { CaServer, CaServerSetup } from '../../../ca-servers/ca-server.ts';
import type { BinaryPath } from '../../../components/index.ts';
import type { CellProcess } from '../processes/cell-process.ts';

/**
 * The long-running processes outside the cluster. The cell's `outside` folder is mounted there as `outsideFolder`; the name
 * server's files are mounted over /etc/bind and /var/cache/bind, where the AppArmor profiles of distributions expect them.
 */
export function outsideProcesses(binary: BinaryPath, server: CaServer, setup: CaServerSetup): readonly CellProcess[] {
  return [
    {
      name: 'named',
      startsWhen: 'at-once',
      // -g: in the foreground, with its log on stderr.
      command: ['named', '-g', '-4', '-n', '1', '-c', '/etc/bind/named.conf'],
    },
    {
      name: server.id,
      startsWhen: 'at-once',
      command: [binary(server.program), ...setup.arguments],
      environment: setup.environment,
    },
  ];
}
