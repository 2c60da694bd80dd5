import { once } from 'node:events';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { cellNames, readCellRecord } from '../src/environment/cell/cell-record.ts';
import { folderOfTests } from './folder-of-tests.ts';
import { leftSince, lookAtMachine, nothing } from './machine.ts';
import { padlock, startPadlock } from './padlock-command.ts';

const before = lookAtMachine();
const folder = folderOfTests();
beforeAll(async () => {
  if (before.state.length > 0) {
    throw new Error(
      `These tests end with 'padlock down --all': take your own cells down first (${before.state.join(', ')}).`,
    );
  }
});

const one = ['http01-ingress'];

/** What a run shows when it has come to a phase. */
const phases = {
  'the start of the namespaces': { args: one, shown: 'cell: namespaces' },
  'the start of the API server': { args: one, shown: 'cell: api server answers' },
  'the installation': { args: [...one, '--install-fresh'], shown: 'platform: applied' },
  'an issuance': { args: one, shown: 'waiting for Certificate' },
  'the start of a second cell': { args: ['core', '--cells', '2'], shown: '-2: starting' },
} as const;

describe.each(Object.entries(phases))('in %s', (_, { args, shown }) => {
  test('kill -9: down --all leaves nothing', async () => {
    const run = startPadlock(['run', ...args, '--report', join(folder, 'killed')]);
    await run.shows(shown);
    run.process.kill('SIGKILL');
    await run.ended;
    const { exitCode, stderr } = await padlock(['down', '--all']);
    expect(exitCode, stderr).toBe(0);
    expect(leftSince(before)).toEqual(nothing);
  });

  test('Ctrl-C: exit code 130, and nothing is left without further ado', async () => {
    const run = startPadlock(['run', ...args, '--report', join(folder, 'interrupted')]);
    await run.shows(shown);
    run.process.kill('SIGINT');
    const { exitCode, stderr } = await run.ended;
    expect(stderr).toContain('Interrupted.');
    expect(stderr).not.toMatch(/^\s+at /m);
    expect(exitCode).toBe(130);
    expect(leftSince(before)).toEqual(nothing);
  });
});

test('kill -9 of the keeper takes the cell along, and down --all removes what is left', async () => {
  const run = startPadlock(['run', 'http01-ingress', '--report', join(folder, 'orphaned')]);
  await run.shows('cell: api server ready');
  const [name = ''] = await cellNames();
  const record = await readCellRecord(name);
  const keeper = record?.keeper?.pid;
  if (keeper === undefined) throw new Error('the cell has no keeper');
  run.process.kill('SIGSTOP');
  process.kill(keeper, 'SIGKILL');
  run.process.kill('SIGKILL');
  await once(run.process, 'exit').catch(() => {});
  const { exitCode, stderr } = await padlock(['down', '--all']);
  expect(exitCode, stderr).toBe(0);
  expect(leftSince(before)).toEqual(nothing);
});

test('kill -9 during a build leaves no compiler, and the next build resumes', async () => {
  const cache = join(folder, 'cache');
  const build = startPadlock(['build', 'go-httpbin', 'etcd'], { PADLOCK_CACHE: cache });
  await build.shows('Building etcd');
  build.process.kill('SIGKILL');
  await build.ended;
  const { exitCode, stderr } = await padlock(['build', 'go-httpbin'], { PADLOCK_CACHE: cache });
  expect(exitCode, stderr).toBe(0);
  expect(leftSince(before)).toEqual(nothing);
});
