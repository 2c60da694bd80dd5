import { startEnvironment } from '../../bring-up/start-environment.ts';
import type { OptionValues } from '../../environment/registry/refuse-options.ts';
import { messageOf } from '../../error-message.ts';
import { scrubText } from '../../evidence/redaction.ts';
import type { PlatformVersions } from '../../platform/platform-versions.ts';
import { RunNarrator } from '../../progress/run-narrator.ts';
import { exitCode } from '../../report/exit-code.ts';
import { chooseTimeScale } from '../../time-scale.ts';
import { UserError } from '../../user-error.ts';
import { keepDiagnostics } from '../run/keep-diagnostics.ts';
import type { CommandContext } from './command-context.ts';

/** The options of `padlock up`. Those of its environment are in the environment's own table. */
export interface UpOptions extends PlatformVersions, OptionValues {
  readonly environment: string;
  readonly name: string;
  readonly json: boolean;
  readonly jsonLines?: string;
  readonly timeScale?: number;
}

/** `padlock up` @throws UserError: (2) for wrong usage, (3) if this machine lacks something or a start failed */
export async function up(options: UpOptions, { signal }: CommandContext): Promise<number> {
  const { name, environment: kind, json, jsonLines, timeScale } = options;
  chooseTimeScale(timeScale ?? null);
  using narrator = RunNarrator.open({ command: 'up', json, jsonLines, signal });
  let kept = '';
  const { environment, prepared, upMs } = await startEnvironment({
    ...{ kind, name, options, outlives: true, narrator, signal },
    onFailure: async (failed) => {
      // That they cannot be kept must not hide what failed.
      kept = await keepDiagnostics(name, failed, signal).then(
        (folder) => ` Its logs and diagnostics are in ${folder}.`,
        (error: unknown) => ` Its logs and diagnostics could not be kept: ${messageOf(error)}.`,
      );
    },
  }).catch((error: unknown) => {
    if (kept === '') throw error;
    const message = `${scrubText(messageOf(error))}${kept}`;
    throw new UserError(message, { exitCode: exitCode.environmentFailed, cause: error });
  });
  await environment.detach();
  narrator.end('ready');
  process.stderr.write(`Up in ${((upMs ?? 0) / 1000).toFixed(1)} s. ${prepared.howToReach(environment)}`);
  if (json) {
    const { kubeconfig, ca } = environment;
    const reach = { name, kubeconfig, ...prepared.facts, directoryUrl: ca.directoryUrl, upMs };
    process.stdout.write(`${JSON.stringify(reach, null, 2)}\n`);
  }
  return 0;
}
