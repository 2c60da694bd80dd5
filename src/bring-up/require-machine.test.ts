import { expect, test } from 'vitest';
import type { Requirement } from '../environment/provider.ts';
import { RunNarrator } from '../progress/run-narrator.ts';
import { requireMachine } from './require-machine.ts';

function narrator(): RunNarrator {
  return new RunNarrator({ command: 'up', views: [], signal: new AbortController().signal });
}

function providerWith(...requirements: Requirement[]) {
  return { requirements: async () => requirements };
}

const met = { id: 'linux', optional: false, met: true, message: 'Linux' };
const optional = { id: 'browser', optional: true, met: false, message: 'no browser' };

test('names everything that is missing, and nothing optional', async () => {
  const provider = providerWith(
    met,
    optional,
    { id: 'root', optional: false, met: false, message: 'run as root' },
    { id: 'disk', optional: false, met: false, message: 'only 1 GiB free' },
  );
  await expect(requireMachine('cell', provider, narrator())).rejects.toMatchObject({
    exitCode: 3,
    message: 'This machine cannot run --environment cell: run as root; only 1 GiB free.',
  });
});

test('passes if all requirements are met, and if there are none', async () => {
  await requireMachine('cell', providerWith(met, optional), narrator());
  await requireMachine('kind', {}, narrator());
});
