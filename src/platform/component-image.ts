import type { Components } from '../components/index.ts';

/** The tag of an image. @throws if there is no such image */
export function imageTag(components: Components, repository: string): string {
  const { name } = imageOf(components, repository);
  return name.slice(repository.length + 1);
}

/** An image by its repository. @throws if there is none */
export function imageOf(components: Components, repository: string): Components['images'][number] {
  const image = components.images.find(({ name }) => name.startsWith(`${repository}:`));
  if (!image) throw new Error(`there is no image ${repository}`);
  return image;
}
