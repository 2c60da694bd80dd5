import { join, resolve } from 'node:path';
import { builtComponents } from '../../bring-up/built-components.ts';
import { type ImageIndex, type ListedImage, listImages, saveImages } from '../../components/index.ts';
import type { PulledImages } from '../../environment/provider.ts';
import { registeredProviders } from '../../environment/registry/providers.ts';
import { fileErrorCode, fileErrorReason } from '../../file-error.ts';
import { RunNarrator } from '../../progress/run-narrator.ts';
import { makeFolder } from '../../report/folder/make-folder.ts';
import { UserError } from '../../user-error.ts';
import type { CommandContext } from './command-context.ts';

interface ImagesOptions {
  readonly json: boolean;
  readonly save?: string;
}

/**
 * `padlock images`: lists the images of everything that a run starts in Pods, and saves them for clusters that cannot pull.
 * Images that are not built yet are built first. Those that an environment pulls itself are listed and not saved.
 */
export async function images({ json, save }: ImagesOptions, { signal }: CommandContext): Promise<number> {
  using narrator = RunNarrator.open({ command: 'build', json, signal });
  const components = await builtComponents(narrator, signal);
  const pulled = await pulledImages();
  const remarks = {
    notUpstream: components.notUpstream,
    pulledByKind: pulled.flatMap(({ images: names }) => names),
  };
  const listed = await listImages(components.images, signal);
  narrator.end('ready');
  const folder = save === undefined ? undefined : resolve(save);
  const index: ImageIndex =
    folder === undefined
      ? { schemaVersion: 1, images: listed, ...remarks }
      : await savedTo(folder, listed, remarks, signal);
  if (json) process.stdout.write(`${JSON.stringify(index, null, 2)}\n`);
  else
    for (const { name, digest, archive } of index.images) {
      process.stdout.write(`${name}\t${digest}\t${folder === undefined ? archive : join(folder, archive)}\n`);
    }
  for (const remark of remarks.notUpstream) process.stderr.write(`${remark}\n`);
  for (const { kind, unnamed, images: names } of pulled)
    process.stderr.write(`Not built by Padlock; --environment ${kind} pulls: ${[unnamed, ...names].join(', ')}\n`);
  if (folder !== undefined) {
    process.stderr.write(
      `${listed.length} images are saved in ${folder}. Into a cluster of kind: 'kind load image-archive FILE'; into containerd: 'ctr -n k8s.io images import FILE'.\n`,
    );
  }
  return 0;
}

/** By the kind of environment that pulls them. */
async function pulledImages(): Promise<readonly (PulledImages & { readonly kind: string })[]> {
  const asked = registeredProviders().map(async ({ kind, load }) => {
    const { pulledImages: pulled } = await load();
    return pulled === undefined ? [] : [{ kind, ...pulled }];
  });
  return (await Promise.all(asked)).flat();
}

async function savedTo(
  folder: string,
  listed: readonly ListedImage[],
  remarks: Pick<ImageIndex, 'notUpstream' | 'pulledByKind'>,
  signal: AbortSignal,
): Promise<ImageIndex> {
  try {
    await makeFolder(folder);
    return await saveImages(listed, remarks, folder, {
      signal,
      onSaved: ({ name }) => process.stderr.write(`saved ${name}\n`),
    });
  } catch (error) {
    const code = fileErrorCode(error);
    if (code === null || signal.aborted) throw error;
    const full = code === 'ENOSPC' || code === 'EDQUOT';
    throw new UserError(
      `Cannot save the images in ${folder}: ${fileErrorReason(error)}; ${full ? 'free some space, or ' : ''}name another folder with --save.`,
      { exitCode: full ? 3 : 2, cause: error },
    );
  }
}
