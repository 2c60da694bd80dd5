import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { KeeperListener } from './keeper-listener.ts';

/** A keeper that says some lines and then does a last thing. */
function listenTo(lines: readonly object[], last = 'exit 0') {
  const script = `${lines.map((line) => `echo '${JSON.stringify(line)}'`).join('\n')}\n${last}`;
  const keeper = spawn('sh', ['-c', script], { stdio: ['pipe', 'pipe', 'ignore'] });
  const phases: string[] = [];
  const listener = new KeeperListener(keeper, {
    ...{ name: 'dev', log: '/dev/null' },
    onPhase: (phase) => phases.push(phase),
    onStateRefused: () => {},
  });
  return { keeper, listener, phases };
}

async function reasonOf({ lost }: KeeperListener): Promise<string> {
  if (!lost.aborted) await once(lost, 'abort');
  return String(lost.reason.message);
}

const ready = { event: 'ready', sinceStartMs: 1, restoredFrom: null } as const;

test('a cell is ready, and its phases are passed on', async () => {
  const { listener, phases } = listenTo([{ event: 'phase', phase: 'processes', sinceStartMs: 1 }, ready]);
  await listener.ready;
  expect(phases).toEqual(['processes']);
});

test('what fails before it is ready is why it did not start', async () => {
  const { listener } = listenTo([{ event: 'failed', message: 'etcd was killed (SIGKILL) 1.0 s after its start' }]);
  await expect(listener.ready).rejects.toThrow(
    'The cell did not start: etcd was killed (SIGKILL) 1.0 s after its start.',
  );
});

test('what fails later is told at that moment, and what follows from it is not', async () => {
  const failures = ['named was killed (SIGTERM) 43 s after its start', 'pebble ended with status 1'];
  const { listener } = listenTo([ready, ...failures.map((message) => ({ event: 'failed', message }))]);
  expect(await reasonOf(listener)).toBe("The cell 'dev' failed: named was killed (SIGTERM) 43 s after its start.");
});

test('a keeper that is killed is named, and one that ends by itself', async () => {
  expect(await reasonOf(listenTo([ready], 'kill -KILL $$').listener)).toBe(
    "The cell 'dev' failed: its keeper was killed (SIGKILL).",
  );
  await expect(listenTo([], 'exit 7').listener.ready).rejects.toThrow(
    'The cell did not start: its keeper ended with status 7.',
  );
});

test('an end that is expected is no loss, and how it ended is known', async () => {
  const { listener, keeper } = listenTo([ready, { event: 'gone', peakMemoryBytes: 5, downMs: 3 }], 'read -r line');
  await listener.ready;
  listener.expectEnd();
  keeper.stdin.end();
  await once(keeper, 'close');
  expect(listener.lost.aborted).toBe(false);
  expect(listener.end).toEqual({ peakMemoryBytes: 5, downMs: 3 });
});
