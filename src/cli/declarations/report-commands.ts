import { type Command, InvalidArgumentError } from 'commander';
import { defaultFloorMs, defaultThresholdPercent } from '../../report/compare/compare-phases.ts';
import type { CommandContext } from '../commands/command-context.ts';

/** The commands on evidence and reports that exist: judge, report, compare, merge and verify. */
export function addReportCommands(padlock: Command, context: CommandContext): void {
  padlock
    .command('judge')
    .description('run the checks on saved evidence')
    .argument('<evidence...>', 'files from the evidence/ folder of a report')
    .option('--own-scenarios <path...>', 'your own scenarios, whose checks are run')
    .option('--json', 'print JSON', false)
    .action(async (files: string[], options) =>
      context.end((await import('../commands/judge.ts')).judgeFiles(files, options)),
    );

  padlock
    .command('report')
    .description(
      'derive junit.xml, summary.md and index.html again from report.json, or from conformance.json of padlock ca',
    )
    .argument('<folder>', 'a report folder')
    .action(async (folder: string) => context.end((await import('../commands/report.ts')).report(folder)));

  padlock
    .command('compare')
    .description('compare two reports: what newly fails or passes, and which phases got slower')
    .argument('<before>', 'a report folder or its report.json')
    .argument('<after>', 'the report to compare with it')
    .option(
      '--threshold <percent>',
      'report a phase as slower from this growth on',
      nonNegativeNumber,
      defaultThresholdPercent,
    )
    .option(
      '--floor-ms <ms>',
      'and at least this growth in milliseconds; 1.5 times as much for phases whose end is polled',
      nonNegativeNumber,
      defaultFloorMs,
    )
    .option('--json', 'print JSON', false)
    .action(async (before: string, after: string, options) =>
      context.end((await import('../commands/compare.ts')).compare(before, after, options)),
    );

  padlock
    .command('merge')
    .description('merge the reports of all shards of one run')
    .argument('<folder...>', 'the report folders of all shards')
    .option('--report <folder>', 'the folder of the merged report (default: reports/<time>, linked as reports/latest)')
    .option('--json', 'print the merged report.json on stdout', false)
    .action(async (folders: string[], options) =>
      context.end((await import('../commands/merge.ts')).merge(folders, options)),
    );

  padlock
    .command('verify')
    .description(
      'verify the signature and digests of a report, and judge its evidence again; of a load, derive its figures again',
    )
    .argument('<report>', 'the report folder')
    .option(
      '--key <file>',
      'verify the signature with this public key, certificate or private key (PEM); without it, only digests and verdicts',
    )
    .option('--json', 'print JSON', false)
    .action(async (report: string, options) =>
      context.end((await import('../commands/verify.ts')).verify(report, options)),
    );
}

/** Parses a number that counts or measures. */
function nonNegativeNumber(text: string): number {
  const number = Number(text);
  if (text.trim() !== '' && Number.isFinite(number) && number >= 0) return number;
  throw new InvalidArgumentError('it must be a number of at least 0.');
}
