import { randomBytes } from 'node:crypto';
import type { TestProject } from 'vitest/node';
import { builtComponents } from '../src/bring-up/built-components.ts';
import { startEnvironment } from '../src/bring-up/start-environment.ts';
import { imageOf } from '../src/platform/component-image.ts';
import { RunNarrator } from '../src/progress/run-narrator.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The name of the cell that every scenario of this vitest run is on. */
    readonly cell: string;
    readonly httpbinImage: string;
  }
}

/** Brings up one cell for the whole vitest run. It goes with the teardown, and at the latest with this process. */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  // vitest handles Ctrl-C itself: it runs the teardown, or ends this process and so the cell.
  const { signal } = new AbortController();
  using narrator = RunNarrator.open({ command: 'up', signal });
  const components = await builtComponents(narrator, signal);
  const name = `suites-${randomBytes(3).toString('hex')}`;
  const { environment } = await startEnvironment({
    ...{ kind: 'cell', name, outlives: false, components, narrator, signal },
  });
  narrator.end('ready');
  project.provide('cell', name);
  project.provide('httpbinImage', imageOf(components, 'docker.io/mccutchen/go-httpbin').name);
  return async () => {
    await environment.down();
  };
}
