import { Command, InvalidArgumentError, Option } from 'commander';
import { expect, test } from 'vitest';
import { applyDefaults, variableOf } from './option-sources.ts';

const sources = { section: 'run', file: 'f' } as const;

function run(...argv: readonly string[]): Command {
  const command = new Command('run')
    .addOption(new Option('--environment <kind>').choices(['cell', 'kind']).default('cell'))
    .option('--keep', 'leave it up', false)
    .option('--report <folder>')
    .addOption(new Option('--earlier-name <text>').hideHelp())
    .addOption(new Option('--skip <part...>').choices(['browser', 'issuance']).default([]))
    .option('--threshold <percent>', 'a number', (text) => {
      const number = Number(text);
      if (Number.isNaN(number)) throw new InvalidArgumentError('it must be a number.');
      return number;
    });
  command.parse([...argv], { from: 'user' });
  return command;
}

test('the command line goes before the environment, and that before the configuration', () => {
  const configured = { environment: 'kind', report: 'from-file', keep: true };
  const command = run('--environment', 'cell');
  applyDefaults(command, { ...sources, variables: { PADLOCK_RUN_REPORT: 'from-variable' }, configured });
  expect(command.opts()).toEqual({ environment: 'cell', report: 'from-variable', keep: true, skip: [] });
  expect(command.getOptionValueSource('report')).toBe('env');
  expect(command.getOptionValueSource('keep')).toBe('config');
  expect(command.getOptionValueSource('environment')).toBe('cli');
});

test('values go through the parser of their option', () => {
  const command = run();
  const variables = { PADLOCK_RUN_SKIP: 'browser,issuance', PADLOCK_RUN_KEEP: 'true' };
  applyDefaults(command, { ...sources, variables, configured: { threshold: 5 } });
  expect(command.opts()).toMatchObject({ skip: ['browser', 'issuance'], keep: true, threshold: 5 });
});

test.each([
  [
    {},
    { nonsense: 1 },
    /^Unknown option run\.nonsense in the configuration f\. Known options: environment, keep, report, skip, threshold\.$/,
  ],
  [{}, { environment: 'cloud' }, /^The configuration f, run\.environment, cannot be 'cloud': /],
  [{}, { keep: 'perhaps' }, /^The configuration f, run\.keep, must be true or false, not 'perhaps'\.$/],
  [{}, { report: true }, /^The configuration f, run\.report, must be text, not true\.$/],
  [{}, { report: ['a', 'b'] }, /^The configuration f, run\.report, must be one text, not a list\.$/],
  [{ PADLOCK_RUN_THRESHOLD: 'x' }, {}, /^The variable PADLOCK_RUN_THRESHOLD cannot be 'x': it must be a number\.$/],
])('%j %j is refused', (variables, configured, sentence) => {
  expect(() => applyDefaults(run(), { ...sources, variables, configured })).toThrow(sentence);
});

test('a variable is named for its section and option', () => {
  expect(variableOf('run', new Option('--json-lines <file>'))).toBe('PADLOCK_RUN_JSON_LINES');
});
