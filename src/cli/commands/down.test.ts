import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { EnvironmentProvider } from '../../environment/provider.ts';
import { registeredProviders, registerProvider } from '../../environment/registry/providers.ts';
import { useStateFolder } from '../../environment/state-folder-fixture.ts';
import { down } from './down.ts';

const stateFolder = useStateFolder();
const up = new Set<string>();
let err: string;

const paper: EnvironmentProvider = {
  prepare: () => Promise.reject(new Error('nothing is started')),
  find: async () => null,
  list: async () =>
    [...up].map((name) => ({
      ...{ name, phase: 'flat', since: null, where: null, kubeconfig: null, failure: null, advice: null },
    })),
  async remove(name) {
    up.delete(name);
  },
};

function register(kind: string, provider: EnvironmentProvider): Disposable {
  return registerProvider({ kind, summary: kind, commands: ['up'], options: {}, load: async () => provider });
}

beforeEach(async () => {
  err = '';
  up.clear();
  up.add('sheet').add('other');
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    err += String(text);
    return true;
  });
  // Cells and kind clusters of this machine are not the test's to remove.
  for (const { kind, load } of registeredProviders()) {
    if (kind !== 'existing') vi.spyOn(await load(), 'list').mockResolvedValue([]);
  }
});

afterEach(() => {
  vi.restoreAllMocks();
});

test('down --all removes the rest if one kind of environment cannot be listed, and ends with 3', async () => {
  using _torn = register('torn', { ...paper, list: () => Promise.reject(new Error('the list is torn.')) });
  using _paper = register('paper', paper);
  await expect(down(undefined, { all: true })).rejects.toMatchObject({
    exitCode: 3,
    message: 'Cannot list the environments of the kind torn: the list is torn.',
  });
  expect([...up]).toEqual([]);
  expect(err).toBe('Removed sheet, other.\n');
});

test('down --all removes the rest if the record of a run is unreadable, and ends with 3', async () => {
  using _paper = register('paper', paper);
  const records = join(stateFolder(), 'padlock', 'existing');
  await mkdir(records, { recursive: true });
  await writeFile(join(records, 'run-abc123.json'), '{');
  await expect(down(undefined, { all: true })).rejects.toMatchObject({
    exitCode: 3,
    message: expect.stringContaining('Remove by hand what has the label padlock.dev/run=run-abc123'),
  });
  expect(err).toBe('Removed sheet, other.\n');
});

test('down --all leaves what belongs to another state folder, and says so', async () => {
  const list = async () => [
    ...(await paper.list()),
    {
      ...{ name: 'theirs', phase: 'flat', since: null, where: null, kubeconfig: null, failure: null },
      ...{ advice: 'It belongs to the state folder /other.', stateHome: '/other' },
    },
  ];
  const removed: string[] = [];
  using _paper = register('paper', { ...paper, list, remove: async (name) => void removed.push(name) });
  expect(await down(undefined, { all: true })).toBe(0);
  expect(removed).toEqual(['sheet', 'other']);
  expect(err).toBe("Left the paper 'theirs' alone. It belongs to the state folder /other.\nRemoved sheet, other.\n");
});
