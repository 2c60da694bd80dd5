import type { CaServer } from '../../ca-servers/ca-server.ts';
import { pinnedComponent } from '../../components/index.ts';

/** The image of a CA server at the pinned version, as its project publishes it. @throws when Padlock cannot start that image */
export function publishedImage({ id, image, component }: CaServer): string {
  if (image === null) throw new Error(`${id} has no image that Padlock can start`);
  return `${image}:${pinnedComponent(component).version.replace(/^v/, '')}`;
}
