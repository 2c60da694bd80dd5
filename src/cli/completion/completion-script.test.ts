import { execFileSync } from 'node:child_process';
import { Argument, Command, Option } from 'commander';
import { describe, expect, test } from 'vitest';
import { completionScript } from './completion-script.ts';
import { completionPlaces } from './completion-words.ts';

function table(): Command {
  const padlock = new Command('padlock').option('--debug', "print what isn't shown");
  padlock
    .command('run')
    .option('--report <folder>', 'the report folder')
    .addOption(new Option('--environment <kind>', 'where').choices(['cell', 'kind']));
  const dns = padlock.command('dns');
  dns.command('set').argument('<host>');
  dns.command('unset').argument('<host>');
  padlock.command('completion').addArgument(new Argument('<shell>').choices(['bash', 'zsh']));
  return padlock;
}

const places = completionPlaces(table(), { run: ['core', 'http01-ingress'] });

/** What bash offers for a line whose last word is being written. */
function offered(...words: readonly string[]): readonly string[] {
  const script = [
    completionScript('bash', 'padlock', places),
    `COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _padlock; printf "%s\\n" "\${COMPREPLY[@]}"`,
  ].join('\n');
  const out = execFileSync('bash', ['-c', script, 'bash', 'padlock', ...words], { encoding: 'utf8' });
  return out.split('\n').filter((line) => line !== '');
}

describe('bash completes', () => {
  test.each([
    ['commands', ['d'], ['dns']],
    ['commands of commands', ['dns', ''], expect.arrayContaining(['set', 'unset'])],
    ['options', ['run', '--e'], ['--environment']],
    ['values of options', ['run', '--environment', ''], ['cell', 'kind']],
    ['ids', ['run', 'http'], ['http01-ingress']],
    ['ids after options', ['run', '--environment', 'kind', 'c'], ['core']],
    ['choices of arguments', ['completion', ''], expect.arrayContaining(['bash', 'zsh'])],
    ['nothing that is unknown', ['nope'], []],
  ])('%s', (_, words, expected) => {
    expect(offered(...words)).toEqual(expected);
  });
});

test('zsh takes the completion of bash', () => {
  expect(completionScript('zsh', 'padlock', places)).toMatch(
    /^#compdef padlock\nautoload -U \+X bashcompinit && bashcompinit\n_padlock\(\)/,
  );
});

test('fish gets each word with its help, quoted', () => {
  const script = completionScript('fish', 'padlock', places);
  expect(script).toContain("-f -a 'set'");
  expect(script).toContain("-l debug -d 'print what isn'\\''t shown'");
  expect(script).toContain("'__fish_seen_subcommand_from run' -x -a 'cell kind' -l environment");
  expect(script).toContain("'__fish_seen_subcommand_from dns; and not __fish_seen_subcommand_from set unset help'");
});
