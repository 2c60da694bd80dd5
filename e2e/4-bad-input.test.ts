import { execFileSync, spawnSync } from 'node:child_process';
import { appendFileSync, chmodSync, copyFileSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { buildComponents } from '../src/components/index.ts';
import { folderOfTests } from './folder-of-tests.ts';
import { leftSince, lookAtMachine, nothing } from './machine.ts';
import { type Ended, padlock } from './padlock-command.ts';

const before = lookAtMachine();
const folder = folderOfTests();
const main = join(import.meta.dirname, '..', 'src', 'cli', 'main.ts');
afterAll(() => {
  expect(leftSince(before)).toEqual(nothing);
});

function expectSentence({ exitCode, stderr }: Pick<Ended, 'exitCode' | 'stderr'>, code: number, words: RegExp): void {
  expect(stderr).toMatch(words);
  expect(stderr).not.toMatch(/^\s+at /m);
  expect(exitCode, stderr).toBe(code);
}

function through(
  command: readonly [string, ...string[]],
  env: NodeJS.ProcessEnv = {},
): Pick<Ended, 'exitCode' | 'stderr'> {
  const [program, ...args] = command;
  const { status, stderr } = spawnSync(program, args, { encoding: 'utf8', env: { ...process.env, ...env } });
  return { exitCode: status, stderr };
}

describe('wrong usage ends with 2 and one sentence', () => {
  test('an unknown scenario', async () => {
    expectSentence(
      await padlock(['run', 'no-such']),
      2,
      /Unknown scenario or suite 'no-such'\. The suites are core, ca, .*; 'padlock list' lists their scenarios/,
    );
  });

  test('an unknown option', async () => {
    expectSentence(await padlock(['run', '--frobnicate']), 2, /unknown option '--frobnicate'/);
  });

  test('an unknown command', async () => {
    expectSentence(await padlock(['frobnicate']), 2, /unknown command 'frobnicate'/);
  });

  test('an unknown fault', async () => {
    expectSentence(
      await padlock(['run', '--fault', 'nothing']),
      2,
      /Unknown fault 'nothing'\. Known faults: .*foreign-root/,
    );
  });

  test('an invalid subnet', async () => {
    expectSentence(await padlock(['up', '--subnet', '192.168.0.0/24']), 2, /10\.231\.N\.0\/24/);
  });

  test('an invalid name', async () => {
    expectSentence(await padlock(['up', '--name', 'No_Such']), 2, /is not a valid environment name/);
  });

  test('a cell that does not exist', async () => {
    expectSentence(await padlock(['down', 'no-such']), 2, /No .* named 'no-such'/);
    expectSentence(await padlock(['kubeconfig', 'no-such']), 2, /No .* named 'no-such'/);
    expectSentence(await padlock(['run', '--on', 'no-such']), 2, /No .* named 'no-such'/);
  });

  test('malformed or missing evidence', async () => {
    const file = join(folder, 'evidence.json');
    writeFileSync(file, '{"schemaVersion": 1, "scenario": ');
    expectSentence(await padlock(['judge', file]), 2, /evidence\.json/);
    writeFileSync(file, '{"schemaVersion": 99}');
    expectSentence(await padlock(['judge', file]), 2, /99/);
    expectSentence(await padlock(['judge', join(folder, 'absent.json')]), 2, /absent\.json/);
  });
});

describe('invalid reports end with 2 and one sentence', () => {
  test.each(['report', 'verify'])(
    'padlock %s of one that is cut off, of another version, or not there',
    async (command) => {
      const report = join(folder, `${command}-bad`);
      mkdirSync(report);
      writeFileSync(join(report, 'report.json'), '{"schemaVersion": 2, ');
      expectSentence(await padlock([command, report]), 2, /report\.json is cut off/);
      writeFileSync(join(report, 'report.json'), '{"schemaVersion": 99}');
      expectSentence(await padlock([command, report]), 2, /has schema version 99, but this Padlock reads 2 and 3/);
      expectSentence(await padlock([command, join(folder, 'absent')]), 2, /absent/);
    },
  );

  test('padlock compare and merge without a report', async () => {
    const file = join(folder, 'evidence.json');
    expectSentence(await padlock(['compare', file, file]), 2, /schema version 99|not a report/);
    expectSentence(await padlock(['merge', join(folder, 'absent')]), 2, /absent/);
  });

  test('a folder that cannot be written, before anything is started', async () => {
    expectSentence(
      await padlock(['run', '--report', '/proc/padlock']),
      2,
      /Cannot write the report to \/proc\/padlock/,
    );
  });

  test('an invalid key, before anything is started', async () => {
    expectSentence(await padlock(['run', '--attest', join(folder, 'absent.pem')]), 2, /absent\.pem/);
  });

  test('an invalid shard', async () => {
    expectSentence(await padlock(['run', '--shard', '5/4']), 2, /shard must be INDEX\/COUNT/);
  });
});

describe('missing requirements end with 3 and one sentence', () => {
  test('without root', () => {
    const node = join(folder, 'node');
    copyFileSync(process.execPath, node);
    chmodSync(folder, 0o755);
    const asNobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', node, main, 'run'] as const;
    expectSentence(through(asNobody, { HOME: folder }), 3, /run as root/);
    rmSync(node);
  });

  test('without permission to create namespaces', () => {
    const withoutAdmin = ['setpriv', '--bounding-set=-sys_admin', process.execPath, main, 'run'] as const;
    expectSentence(through(withoutAdmin), 3, /namespaces cannot be made here/);
  });

  test('without space for the state', () => {
    const script = 'mount -t tmpfs -o size=1m tmpfs /mnt && XDG_STATE_HOME=/mnt exec "$0" "$@"';
    const cramped = ['unshare', '--mount', 'sh', '-c', script, process.execPath, main, 'run'] as const;
    expectSentence(through(cramped), 3, /GiB free at/);
  });

  test('with the subnet taken by a route of the machine', async () => {
    execFileSync('ip', ['link', 'add', 'plktaken', 'type', 'veth', 'peer', 'name', 'plkpeer']);
    try {
      execFileSync('ip', ['link', 'set', 'plktaken', 'up']);
      execFileSync('ip', ['route', 'add', '10.231.77.0/25', 'dev', 'plktaken']);
      const ended = await padlock(['up', '--name', 'taken', '--subnet', '10.231.77.0/24']);
      expectSentence(ended, 3, /10\.231\.77\.0\/24 is taken by the route 10\.231\.77\.0\/25 dev plktaken/);
    } finally {
      execFileSync('ip', ['link', 'delete', 'plktaken']);
    }
  });
});

describe('conflicts between two commands', () => {
  test('a name that is taken ends with 2, and the cell that has it lives on', async () => {
    const first = await padlock(['up', '--name', 'e2e-twice']);
    expect(first.exitCode, first.stderr).toBe(0);
    try {
      expectSentence(await padlock(['up', '--name', 'e2e-twice']), 2, /A cell named 'e2e-twice' exists/);
      const { stdout } = await padlock(['status', '--json']);
      expect(JSON.parse(stdout)).toMatchObject([{ name: 'e2e-twice', phase: 'running' }]);
    } finally {
      await padlock(['down', 'e2e-twice']);
    }
  });
});

test('a damaged program in the cache is detected, reported and rebuilt', async () => {
  const components = await buildComponents({
    only: ['pebble'],
    signal: new AbortController().signal,
    onProgress: () => {},
  });
  appendFileSync(components.binary('pebble'), 'damage');
  const { exitCode, stderr } = await padlock(['build', 'pebble']);
  expect(stderr).toMatch(/pebble: pebble in the cache is damaged; building it again/);
  expect(exitCode, stderr).toBe(0);
  expect(existsSync(components.binary('pebble'))).toBe(true);
});
