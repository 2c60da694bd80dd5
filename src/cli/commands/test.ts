import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { builtComponents } from '../../bring-up/built-components.ts';
import { messageOf } from '../../error-message.ts';
import { RunNarrator } from '../../progress/run-narrator.ts';
import { exhaustiveVariables } from '../../test/exhaustive.ts';
import { testedComponents } from '../../test/server-programs.ts';
import { type Count, failure, none, runShown, runVitest, sum } from '../../test/steps.ts';
import { UserError } from '../../user-error.ts';
import type { CommandContext } from './command-context.ts';

const root = join(import.meta.dirname, '..', '..', '..');

interface Step {
  readonly title: string;
  run(signal: AbortSignal): Promise<Count>;
}

function program(title: string, ...args: readonly [string, ...string[]]): Step {
  return {
    title,
    async run(signal) {
      const code = await runShown([process.execPath, ...args], signal);
      return code === 0 ? { ...none, passed: 1 } : failure(title);
    },
  };
}

const steps: readonly Step[] = [
  program(
    'Format and lint',
    join(root, 'node_modules', '@biomejs', 'biome', 'bin', 'biome'),
    'check',
    '--error-on-warnings',
    root,
  ),
  program('Types', join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '--project', root),
  {
    title: 'Components',
    async run(signal) {
      using narrator = RunNarrator.open({ command: 'build', signal });
      await builtComponents(narrator, signal, { besides: testedComponents });
      narrator.end('ready');
      return none;
    },
  },
  { title: 'Unit tests', run: (signal) => runVitest(['unit-together', 'unit-apart'], root, signal) },
  { title: 'Tests with real servers', run: (signal) => runVitest(['servers'], root, signal) },
  { title: 'End-to-end tests on the cell', run: (signal) => runVitest(['e2e'], root, signal) },
  { title: 'End-to-end tests on kind', run: (signal) => runVitest(['kind'], root, signal) },
  { title: 'End-to-end tests in a modern machine', run: (signal) => runVitest(['uml'], root, signal) },
];

/**
 * `padlock test`: all tests of the project, each step also when an earlier one failed. The last line on stdout counts the results:
 * `N passed, N failed, N skipped`.
 *
 * @param exhaustive also those tests that ask `isExhaustive` (src/test/exhaustive.ts)
 */
export async function test({ exhaustive }: { exhaustive: boolean }, { signal }: CommandContext): Promise<number> {
  if (!existsSync(join(root, 'vitest.config.ts'))) {
    throw new UserError("padlock test runs Padlock's own tests, which only a checkout has, and not the npm package.");
  }
  if (exhaustive) Object.assign(process.env, exhaustiveVariables);
  const counts: Count[] = [];
  for (const { title, run } of steps) {
    const started = performance.now();
    process.stderr.write(`\n== ${title}\n`);
    const count = await run(signal).catch((error: unknown) => {
      if (signal.aborted) throw error;
      process.stderr.write(`${messageOf(error)}\n`);
      return failure(title);
    });
    counts.push(count);
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    process.stderr.write(
      `== ${title}: ${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped in ${seconds} s\n`,
    );
  }
  const total = sum(counts);
  // At the end too: what CI keeps of a long log may have lost the place where they failed.
  for (const name of total.failures) process.stderr.write(`failed: ${name}\n`);
  process.stdout.write(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped\n`);
  return total.failed === 0 ? 0 : 1;
}
