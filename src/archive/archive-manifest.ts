import { z } from 'zod';
import packageJson from '../../package.json' with { type: 'json' };
import type { OutputRecord, Slot } from '../components/index.ts';

/** The first entry of an unsigned archive: the manifest. */
export const manifestName = 'archive.json';
/** The first entry of a signed archive: a DSSE envelope whose payload is the manifest. */
export const signedManifestName = 'archive.dsse.json';
/** The payload type of that envelope. */
export const manifestPayloadType = 'application/vnd.padlock.archive+json';

const id = z.string().regex(/^[a-z0-9][a-z0-9-]*$/);

/** A path below a folder, as the builder makes them: no empty, `.` or `..` part. */
const relativePath = z
  .string()
  .regex(/^[^/\0]+(?:\/[^/\0]+)*$/)
  .refine((path) => !path.split('/').some((part) => part === '.' || part === '..'));

export const manifestSchema = z.object({
  format: z.literal('padlock-components'),
  schemaVersion: z.literal(1),
  /** The version of Padlock that wrote it. */
  padlock: z.string(),
  /** e.g. linux/amd64 */
  platform: z.string(),
  components: z
    .array(
      z.object({
        id,
        version: z.string(),
        key: z.string().regex(/^[0-9a-f]{32}$/),
        outputs: z.array(
          z.object({
            path: relativePath,
            sha256: z.string().regex(/^[0-9a-f]{64}$/),
            size: z.int().nonnegative(),
            executable: z.boolean(),
          }),
        ),
      }),
    )
    .min(1),
});

/** What an archive contains: components by key, with the digest of each file. */
export type ArchiveManifest = z.infer<typeof manifestSchema>;
export type ArchivedComponent = ArchiveManifest['components'][number];
export type ArchivedOutput = ArchivedComponent['outputs'][number];

/** This machine's platform, as manifests name it. */
export const ownPlatform = `linux/${process.arch === 'x64' ? 'amd64' : process.arch}`;
export const ownVersion = packageJson.version;

/** The name of a component's file in the archive. */
export function entryName(component: string, path: string): string {
  return `components/${component}/${path}`;
}

/** A component with its outputs, as its record in the cache has them. */
export interface ComponentContents {
  readonly slot: Slot;
  readonly outputs: readonly (OutputRecord['outputs'][number] & { readonly executable: boolean })[];
}

/** The manifest of these components. Equal components give an equal manifest. */
export function manifestOf(contents: readonly ComponentContents[]): ArchiveManifest {
  return {
    format: 'padlock-components',
    schemaVersion: 1,
    padlock: ownVersion,
    platform: ownPlatform,
    components: contents
      .map(({ slot, outputs }) => ({
        id: slot.component.id,
        version: slot.component.version,
        key: slot.key,
        outputs: outputs
          .map(({ path, sha256, size, executable }) => ({ path, sha256, size, executable }))
          .sort((a, b) => (a.path < b.path ? -1 : 1)),
      }))
      .sort((a, b) => (a.id < b.id ? -1 : 1)),
  };
}
