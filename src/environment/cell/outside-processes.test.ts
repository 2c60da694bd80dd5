import { expect, test } from 'vitest';
import { pebbleSettings } from '../ca/pebble.ts';
import { cellNetwork } from './cell-network.ts';
import { outsideProcesses } from './outside-processes.ts';

test('starts Pebble strictly, asking only the name server of the cell', () => {
  const processes = outsideProcesses((name) => `/opt/${name}`, cellNetwork(7));
  expect(processes.map(({ name }) => name)).toEqual(['named', 'pebble']);
  const pebble = processes.find(({ name }) => name === 'pebble');
  expect(pebble?.command.join(' ')).toBe(
    '/opt/pebble -config /run/outside/pebble.json -strict -dnsserver 10.231.7.6:53',
  );
  expect(pebble?.environment).toEqual(pebbleSettings);
});
