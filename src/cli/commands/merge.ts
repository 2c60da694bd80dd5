import { exitCodeOf } from '../../report/exit-code.ts';
import { mergeFolders } from '../../report/merge/merge-folders.ts';

interface MergeOptions {
  readonly report?: string;
  readonly json: boolean;
}

/** `padlock merge DIR…`: the exit code is that of the whole run. */
export async function merge(folders: readonly string[], options: MergeOptions): Promise<number> {
  const destination = options.report === undefined ? { below: 'reports' } : { folder: options.report };
  const { folder, report, warnings } = await mergeFolders(folders, destination);
  for (const warning of warnings) process.stderr.write(`${warning}\n`);
  process.stderr.write(`${report.result}; merged report: ${folder}\n`);
  if (options.json) process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
  return exitCodeOf(report.result);
}
