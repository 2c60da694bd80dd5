import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { useStateFolder } from '../state-folder-fixture.ts';
import { existingProvider } from './existing-provider.ts';

const stateFolder = useStateFolder();

test('lists a run whose record is unreadable, with what to do', async () => {
  const records = join(stateFolder(), 'padlock', 'existing');
  await mkdir(records, { recursive: true });
  await writeFile(join(records, 'run-abc123.json'), '{');
  expect(await existingProvider.list()).toEqual([
    {
      ...{ name: 'run-abc123', phase: 'unreadable', since: null, where: null, kubeconfig: null },
      failure: expect.stringContaining('remove by hand what has the label padlock.dev/run=run-abc123'),
      advice:
        "If another version of Padlock wrote it, 'padlock down run-abc123' of that version removes what the run made.",
    },
  ]);
});
