import type { BinaryPath } from '../../components/index.ts';
import { pebbleSettings } from '../ca/pebble.ts';
import { outsideFolder } from '../outside/outside-services.ts';
import type { CellNetwork } from './cell-network.ts';
import type { CellProcess } from './node-components.ts';

/**
 * The long-running processes outside the cluster. The cell's `outside` folder is mounted there as {@link outsideFolder}; the name
 * server's files are mounted over /etc/bind and /var/cache/bind, where the AppArmor profiles of distributions expect them.
 */
export function outsideProcesses(binary: BinaryPath, network: CellNetwork): readonly CellProcess[] {
  return [
    {
      name: 'named',
      startsWhen: 'at-once',
      // -g: in the foreground, with its log on stderr.
      command: ['named', '-g', '-4', '-n', '1', '-c', '/etc/bind/named.conf'],
    },
    {
      name: 'pebble',
      startsWhen: 'at-once',
      command: [
        binary('pebble'),
        '-config',
        `${outsideFolder}/pebble.json`,
        '-strict',
        '-dnsserver',
        `${network.outsideAddress}:53`,
      ],
      environment: pebbleSettings,
    },
  ];
}
