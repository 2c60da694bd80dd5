import type { CompletionShell } from './completion-shells.ts';
import type { CompletionOption, CompletionPlace } from './completion-words.ts';

/**
 * The script that completes command lines in a shell. It starts no program: everything is in it.
 *
 * @param program as the shell calls it
 */
export function completionScript(shell: CompletionShell, program: string, places: readonly CompletionPlace[]): string {
  if (shell === 'fish') return fishScript(program, places);
  const bash = bashScript(program, places);
  return shell === 'bash' ? bash : zshScript(program, bash);
}

/** zsh runs completion functions of bash. From a folder of fpath, the file itself is the function, at the first key. */
function zshScript(program: string, bash: string): string {
  const name = functionName(program);
  return [
    `#compdef ${program}`,
    'autoload -U +X bashcompinit && bashcompinit',
    `${bash}if [[ $funcstack[1] == ${name} ]]; then _bash_complete -o default -F ${name}; fi`,
    '',
  ].join('\n');
}

function functionName(program: string): string {
  return `_${program.replaceAll(/\W/g, '_')}`;
}

function bashScript(program: string, places: readonly CompletionPlace[]): string {
  const name = functionName(program);
  const valuesOf = ({ path, options }: CompletionPlace) =>
    options.flatMap(({ word, values }) =>
      values === null ? [] : `    ${quoted(`${path} ${word}`)}) values=${quoted(values.join(' '))}; takes=1 ;;`,
    );
  const wordsOf = ({ path, commands, options, words }: CompletionPlace) => {
    const all = [...commands, ...options].map(({ word }) => word);
    return `    ${quoted(path)}) words=${quoted([...all, ...words].join(' '))} ;;`;
  };
  const paths = places.map(({ path }) => path).filter((path) => path !== '');
  return `${[
    `${name}() {`,
    `  local current=\${COMP_WORDS[COMP_CWORD]} previous= path= word index values= takes= words=`,
    '  COMPREPLY=()',
    `  ((COMP_CWORD > 0)) && previous=\${COMP_WORDS[COMP_CWORD - 1]}`,
    '  for ((index = 1; index < COMP_CWORD; index++)); do',
    `    word=\${COMP_WORDS[index]}`,
    `    case "\${path:+$path }$word" in`,
    ...(paths.length === 0 ? [] : [`      ${paths.map(quoted).join(' | ')}) path="\${path:+$path }$word" ;;`]),
    '    esac',
    '  done',
    '  case "$path $previous" in',
    ...places.flatMap(valuesOf),
    '  esac',
    '  if [[ -n $takes ]]; then',
    '    if [[ -n $values ]]; then COMPREPLY=($(compgen -W "$values" -- "$current")); else COMPREPLY=($(compgen -f -- "$current")); fi',
    '    return',
    '  fi',
    '  case $path in',
    ...places.map(wordsOf),
    '  esac',
    '  COMPREPLY=($(compgen -W "$words" -- "$current"))',
    '}',
    `complete -o default -F ${name} ${program}`,
  ].join('\n')}\n`;
}

function fishScript(program: string, places: readonly CompletionPlace[]): string {
  const lines = places.flatMap(({ path, commands, options, words }) => {
    const when = conditionOf(
      path,
      commands.map(({ word }) => word),
    );
    const start = `complete -c ${program} -n ${quoted(when)}`;
    return [
      ...commands.map(({ word, help }) => `${start} -f -a ${quoted(word)} -d ${quoted(help)}`),
      ...options.map((option) => `${start} ${fishOption(option)}`),
      ...(words.length === 0 ? [] : [`${start} -f -a ${quoted(words.join(' '))}`]),
    ];
  });
  return `${lines.join('\n')}\n`;
}

/** Whether the commands of a path were written, and none below it. */
function conditionOf(path: string, below: readonly string[]): string {
  const seen = path.split(' ').filter((word) => word !== '');
  const all = seen.map((word) => `__fish_seen_subcommand_from ${word}`);
  const none = below.length === 0 ? [] : [`not __fish_seen_subcommand_from ${below.join(' ')}`];
  return [...all, ...none].join('; and ') || 'true';
}

function fishOption({ word, help, values }: CompletionOption): string {
  const long = `-l ${word.replace(/^--/, '')} -d ${quoted(help)}`;
  if (values === null) return `-f ${long}`;
  return values.length === 0 ? `-r -F ${long}` : `-x -a ${quoted(values.join(' '))} ${long}`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
