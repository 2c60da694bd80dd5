import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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

/** For a shell that hangs. */
const shellWithinMs = 25_000;
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

/** Whether a shell of this name is on the machine: the script is the same on all, and one that has the shell has seen it. */
const has = (program: string) => spawnSync(program, ['--version']).status === 0;

test.runIf(has('zsh'))('zsh, which finds the script in its fpath, completes from the first key on', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'padlock-completion-'));
  try {
    await writeFile(join(folder, '_padlock'), completionScript('zsh', 'padlock', places));
    const lines = [
      'padlock r',
      'padlock run --env',
      'padlock run --environment k',
      'padlock run http',
      'padlock dns un',
    ];
    const typed = join(import.meta.dirname, 'complete-in-zsh.zsh');
    const out = execFileSync('zsh', ['-f', typed, folder, ...lines], { encoding: 'utf8', timeout: shellWithinMs });
    expect(out.split('\n').map((line) => line.trim())).toEqual([
      'padlock run',
      'padlock run --environment',
      'padlock run --environment kind',
      'padlock run http01-ingress',
      'padlock dns unset',
      '',
    ]);
  } finally {
    await rm(folder, { recursive: true });
  }
});

describe.runIf(has('fish'))('fish completes', () => {
  test.each([
    ['commands', 'padlock d', ['dns']],
    ['commands of commands', 'padlock dns ', expect.arrayContaining(['set', 'unset'])],
    ['options, with a quote in their help', 'padlock --deb', ['--debug']],
    ['values of options', 'padlock run --environment ', ['cell', 'kind']],
    ['ids', 'padlock run http', ['http01-ingress']],
    ['choices of arguments', 'padlock completion b', ['bash']],
  ])('%s', (_, line, expected) => {
    const script = `${completionScript('fish', 'padlock', places)}\ncomplete -C $line`;
    const out = execFileSync('fish', ['--no-config', '-c', `set line ${JSON.stringify(line)}; ${script}`], {
      encoding: 'utf8',
      timeout: shellWithinMs,
    });
    const words = out.split('\n').flatMap((each) => each.split('\t')[0] || []);
    expect(words).toEqual(expected);
  });
});

test('fish gets each word with its help, quoted', () => {
  const script = completionScript('fish', 'padlock', places);
  expect(script).toContain("-f -a 'set'");
  expect(script).toContain("-l debug -d 'print what isn'\\''t shown'");
  expect(script).toContain("'__fish_seen_subcommand_from run' -x -a 'cell kind' -l environment");
  expect(script).toContain("'__fish_seen_subcommand_from dns; and not __fish_seen_subcommand_from set unset help'");
});
