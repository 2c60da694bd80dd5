import { Command, Option } from 'commander';
import { expect, test } from 'vitest';
import { unknownVariables } from './unknown-variables.ts';

const run = new Command('run')
  .option('--report <folder>')
  .option('--json-lines <file>')
  .addOption(new Option('--sabotage <id>').hideHelp());

test.each([
  [{ PADLOCK_RUN_REPORT: 'r', PADLOCK_RUN_JSON_LINES: '-', PADLOCK_RUN_SABOTAGE: 'x', PADLOCK_CACHE: '/c' }, []],
  // Of pipelines.
  [{ PADLOCK_REPORT: 'r', PADLOCK_VERSION: '1', PADLOCK_UP_NAME: 'n', PADLOCK_SCENARIOS: 'core' }, []],
  [
    { PADLOCK_RUN_REPROT: 'r' },
    [
      'The variable PADLOCK_RUN_REPROT is ignored: padlock run has no option of that name (did you mean PADLOCK_RUN_REPORT?).',
    ],
  ],
  [{ PADLOCK_CAHCE: '/c' }, ['The variable PADLOCK_CAHCE is ignored. Did you mean PADLOCK_CACHE?']],
])('%j: %j', (variables, sentences) => {
  expect(unknownVariables('run', run, variables)).toEqual(sentences);
});
