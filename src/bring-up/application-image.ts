import type { Components } from '../components/index.ts';
import type { PreparedEnvironment } from '../environment/provider.ts';
import { imageOf } from '../platform/component-image.ts';
import type { RunNarrator } from '../progress/run-narrator.ts';
import { builtComponents } from './built-components.ts';

const httpbin = 'docker.io/mccutchen/go-httpbin';

/** What was built: the image of the application that scenarios serve. */
export function builtApplication(components: Components): string {
  return imageOf(components, httpbin).name;
}

/**
 * The image of the application that scenarios serve: the one that the environment names, or that of the components.
 *
 * @param components null where none were built yet, as for an environment that was up
 */
export async function applicationImage(
  { applicationImage: named, componentChoice }: Pick<PreparedEnvironment, 'applicationImage' | 'componentChoice'>,
  components: Components | null,
  narrator: RunNarrator,
  signal: AbortSignal,
): Promise<string> {
  return named ?? builtApplication(components ?? (await builtComponents(narrator, signal, componentChoice)));
}
