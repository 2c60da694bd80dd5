import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { formatDuration } from '../src/issuance/duration.ts';
import { type CoreRun, type Endurance, type Kill, recordedEndurances } from './endurance-report.ts';

export const reliabilityPage = join(import.meta.dirname, '..', 'docs', 'reliability.md');

/** Generates docs/reliability.md anew. */
export async function writeReliability(): Promise<void> {
  await writeFile(reliabilityPage, reliabilityMarkdown(await recordedEndurances()));
}

/** docs/reliability.md, from the reports in docs/reliability. */
export function reliabilityMarkdown(all: readonly Endurance[]): string {
  return `${[
    '# How reliable Padlock itself is',
    '',
    'Generated from the reports in [reliability](reliability), which `npm run endurance -- --kills N --runs N --seed S` writes. It kills one process of',
    'Padlock or of its cell with SIGKILL at a random moment of a run, and then asks what is left when `padlock down --all` has returned; and it',
    'runs the suite `core` many times. A seed repeats moments and choices. A process is chosen by its name first, so that the one etcd is as',
    'likely as the many shims of containers.',
    ...all.flatMap((one) => ['', ...section(one)]),
  ].join('\n')}\n`;
}

function section({ startedAt, machine, seed, busyLoops, remark, kills, runs, padlock }: Endurance): string[] {
  const memory = Math.round(machine.memoryBytes / 2 ** 30);
  const beside = busyLoops === 0 ? '' : `, with ${busyLoops} busy loops beside`;
  return [
    `## ${startedAt.slice(0, 10)}, seed ${seed}`,
    '',
    `Padlock ${padlock}, ${machine.cpus} cores, ${memory} GiB, ${machine.os}${beside}.${remark === null ? '' : ` ${remark}`}`,
    ...(kills.length === 0 ? [] : ['', ...killLines(kills)]),
    ...(runs.length === 0 ? [] : ['', ...runLines(runs)]),
  ];
}

function killLines(kills: readonly Kill[]): string[] {
  const killed = kills.filter(({ victim }) => victim !== null);
  const count = (outcome: Kill['outcome']) => killed.filter((kill) => kill.outcome === outcome).length;
  const clean = killed.filter(({ left }) => left.length === 0).length;
  const longest = Math.max(...kills.map(({ downMs }) => downMs));
  const [survived, was, named, told] = [count('survived'), count('killed'), count('named'), count('told')];
  return [
    `**${kills.length} moments**: at ${killed.length} of them a process was killed; at ${kills.length - killed.length} the run had ended. After`,
    `${clean} of the ${killed.length} kills nothing was left. \`down --all\` took ${formatDuration(longest)} at the longest. Of the ${killed.length} runs, ${survived} passed all the same; ${was} had the command itself as`,
    `the victim; ${named} ended with a message that names what died, and ${told} with another message.`,
    '',
    row(['Killed', 'After', 'The run', 'Exit code', 'What it said', 'Left']),
    row(['---', '---', '---', '---', '---', '---']),
    ...kills.map((kill) =>
      row([
        kill.victim === null ? 'nothing: it had ended' : `\`${kill.victim}\``,
        formatDuration(kill.afterMs),
        { survived: 'passed', killed: 'was the victim', named: 'named it', told: 'failed' }[kill.outcome],
        kill.exitCode === null ? 'SIGKILL' : String(kill.exitCode),
        kill.said === null ? '' : general(kill.said),
        kill.left.length === 0 ? 'nothing' : `**${kill.left.join(', ')}**`,
      ]),
    ),
  ];
}

function runLines(runs: readonly CoreRun[]): string[] {
  const passed = runs.filter(({ exitCode }) => exitCode === 0).length;
  const failures = runs.flatMap(({ failed }) => failed);
  const names = [...new Set(runs.flatMap(({ phases }) => Object.keys(phases)))];
  const spread = (values: readonly number[]) => {
    const sorted = values.toSorted((one, other) => one - other);
    const at = (share: number) =>
      formatDuration(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0);
    return [at(0), at(0.5), at(0.95), at(1)];
  };
  return [
    `**${runs.length} runs of \`core\`**: ${passed} passed${failures.length === 0 ? '' : `; what failed: ${[...new Set(failures)].join(', ')}`}.`,
    '',
    row(['Phase', 'Shortest', 'Median', '95 of 100', 'Longest']),
    row(['---', '---', '---', '---', '---']),
    row(['the whole run', ...spread(runs.map(({ durationMs }) => durationMs))]),
    ...names.map((name) => row([name, ...spread(runs.flatMap(({ phases }) => phases[name] ?? []))])),
  ];
}

/** Without what is different in each run. */
function general(text: string): string {
  return text
    .replace(/^\s*\d+\.\d s\s+/, '')
    .replaceAll(/run-[0-9a-f]{6}/g, 'run-ID')
    .slice(0, 200);
}

function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll(/\s+/g, ' ').replaceAll('<', '&lt;')).join(' | ')} |`;
}
