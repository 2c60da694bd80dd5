import type { Command } from 'commander';
import { scenarioFaults, standaloneFaults } from '../../../faults/index.ts';
import { allScenarios, suites } from '../../../suites/index.ts';
import { completionScript } from '../completion/completion-script.ts';
import type { CompletionShell } from '../completion/completion-shells.ts';
import { completionPlaces } from '../completion/completion-words.ts';

/** `padlock completion SHELL`: prints the script that completes commands, options, scenarios and faults. */
export async function completion(shell: CompletionShell, padlock: Command): Promise<number> {
  const selection = [...Object.keys(suites), ...allScenarios.map(({ id }) => id)];
  const words = { run: selection, matrix: selection, repro: standaloneFaults.map(({ id }) => id) };
  const places = completionPlaces(padlock, words).map((place) => ({
    ...place,
    options: place.options.map((option) =>
      option.word === '--fault' ? { ...option, values: scenarioFaults.map(({ id }) => id) } : option,
    ),
  }));
  process.stdout.write(completionScript(shell, 'padlock', places));
  return 0;
}
