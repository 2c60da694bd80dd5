import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** Why `--environment kind` cannot be tried on this machine; null if it can. */
    whyNoKind: string | null;
  }
}

const rig = join(import.meta.dirname, '..', 'kind-rig', 'rig.sh');
/** The rig's exit code for a machine that it cannot be set up on. */
const skipped = 4;

/** Whether a container engine answers: this machine's own, or the one that the variables of an earlier rig name. */
function engineAnswers(): boolean {
  const provider = /--provider[= ](\S+)/.exec(process.env.PADLOCK_KIND_OPTIONS ?? '')?.[1] ?? 'docker';
  return spawnSync(provider, ['version', '--format', '{{.Server.Version}}']).status === 0;
}

/**
 * Gives the tests of kind a container engine. A machine that has one keeps it; on others e2e/kind-rig starts Debian's engine in
 * namespaces of its own, and the teardown ends it again. Where that cannot be, the tests are skipped with the rig's reason.
 *
 * @throws Error with the last lines of the rig's output when the rig fails
 */
export default function startEngine(project: TestProject): (() => void) | undefined {
  if (engineAnswers()) {
    project.provide('whyNoKind', null);
    return undefined;
  }
  const { status, stdout, stderr } = spawnSync(rig, ['up'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 64 * 1024 * 1024,
    env: { ...process.env, PATH: `${join(process.execPath, '..')}:${process.env.PATH}` },
  });
  const lastLines = stderr.trimEnd().split('\n').slice(-20).join('\n');
  if (status === skipped) {
    project.provide('whyNoKind', lastLines.split('\n').at(-1) ?? 'the rig gave no reason');
    return undefined;
  }
  const down = () => {
    spawnSync(rig, ['down'], { stdio: 'ignore' });
  };
  if (status !== 0) {
    down();
    throw new Error(`e2e/kind-rig/rig.sh up ended with ${status}:\n${lastLines}`);
  }
  Object.assign(process.env, variablesIn(stdout));
  project.provide('whyNoKind', null);
  return down;
}

/** The variables of the lines `export NAME=value OTHER='value with spaces'`, as a shell would set them. */
function variablesIn(script: string): Readonly<Record<string, string>> {
  const assignments = script.matchAll(/(?<name>[A-Z_]+)=(?:'(?<quoted>[^']*)'|(?<plain>\S+))/g);
  return Object.fromEntries(
    [...assignments].map(({ groups }) => [groups?.name ?? '', groups?.quoted ?? groups?.plain ?? '']),
  );
}
