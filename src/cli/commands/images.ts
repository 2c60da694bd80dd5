import { join, resolve } from 'node:path';
import { builtComponents } from '../../bring-up/environment-session.ts';
import { type ImageIndex, type ListedImage, listImages, saveImages } from '../../components/index.ts';
import { RunNarrator } from '../../progress/run-narrator.ts';
import { fileErrorCode, fileErrorReason } from '../../report/folder/file-error.ts';
import { makeFolder } from '../../report/folder/make-folder.ts';
import { UserError } from '../../user-error.ts';
import type { CommandContext } from '../command-context.ts';

interface ImagesOptions {
  readonly json: boolean;
  readonly save?: string;
}

/**
 * `padlock images`: lists the images of everything that a run has in Pods, and saves them for clusters that cannot pull
 * them. What is not built yet is built before. The few that only kind needs, next to its node, are named and not saved.
 */
export async function images({ json, save }: ImagesOptions, { signal }: CommandContext): Promise<number> {
  using narrator = RunNarrator.open({ command: 'build', json, signal });
  const components = await builtComponents(narrator, signal);
  const { outsideImages } = await import('../../environment/kind/outside.ts');
  const remarks = { notUpstream: components.notUpstream, pulledByKind: Object.values(outsideImages).sort() };
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
  process.stderr.write(
    `Not built here, and pulled by --environment kind: kind's node image, ${remarks.pulledByKind.join(', ')}\n`,
  );
  if (folder !== undefined) {
    process.stderr.write(
      `${listed.length} images are saved in ${folder}. Into a cluster of kind: 'kind load image-archive FILE'; into containerd: 'ctr -n k8s.io images import FILE'.\n`,
    );
  }
  return 0;
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
      `Cannot save the images in ${folder}: ${fileErrorReason(error)}; ${full ? 'free some, or ' : ''}name another folder with --save.`,
      { exitCode: full ? 3 : 2, cause: error },
    );
  }
}
