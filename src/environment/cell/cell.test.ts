import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { useStateFolder } from '../state-folder-fixture.ts';
import { RunningCell } from './cell.ts';
import type { CellRecord } from './cell-record.ts';
import { KeeperListener } from './keeper-listener.ts';

useStateFolder();

test('a cell whose keeper was killed by a signal is still taken down', async () => {
  const keeper = spawn('cat', { stdio: ['pipe', 'pipe', 'inherit'] });
  const closed = once(keeper, 'close');
  keeper.kill('SIGKILL');
  await closed;
  const record: CellRecord = {
    schemaVersion: 2,
    name: 'killed-keeper',
    slot: 0,
    createdAt: new Date().toISOString(),
    ca: 'pebble',
    phase: 'running',
    failure: null,
    keeper: null,
    nodePid: null,
    outsidePid: null,
    restoredFrom: null,
  };
  const listener = new KeeperListener(keeper, {
    name: record.name,
    log: '/dev/null',
    onPhase: () => {},
    onStateRefused: () => {},
  });
  const { downMs } = await new RunningCell(record.name, record.slot, record, { keeper, listener }).down();
  expect(downMs).toBeGreaterThanOrEqual(0);
});
