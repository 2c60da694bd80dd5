import type { TestProject } from 'vitest/node';
import { buildComponents } from '../components/index.ts';

/** The programs that tests start as real servers, by name, each with the component that brings it. */
const testedPrograms = {
  pebble: 'pebble',
  'step-ca': 'step-ca',
  'add-eab-key': 'step-ca',
  'toxiproxy-server': 'toxiproxy',
  lego: 'acme-clients',
  acmez: 'acme-clients',
} as const;

/** Paths by the name of the program. */
export type ServerPrograms = Readonly<Record<keyof typeof testedPrograms, string>>;

/** The components of these programs. */
export const testedComponents: readonly string[] = [...new Set(Object.values(testedPrograms))];

declare module 'vitest' {
  interface ProvidedContext {
    /** The pinned builds of the servers under test. */
    readonly serverPrograms: ServerPrograms;
  }
}

/**
 * Builds the pinned servers that are not in the cache and provides their paths, so that no test is skipped because one is missing.
 *
 * @throws UserError (3) when a build fails or there is no Go toolchain
 */
export default async function setUp(project: TestProject): Promise<void> {
  const components = await buildComponents({
    only: testedComponents,
    signal: new AbortController().signal,
    onProgress: ({ event, ...rest }) => {
      if (event === 'started') process.stderr.write(`building ${'id' in rest ? rest.id : ''}\n`);
    },
  });
  const names = Object.keys(testedPrograms) as (keyof ServerPrograms)[];
  const paths = names.map((name) => [name, components.binary(name)] as const);
  project.provide('serverPrograms', Object.fromEntries(paths) as unknown as ServerPrograms);
}
