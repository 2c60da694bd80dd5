import { z } from 'zod';
import { isSignedBy, parseEnvelope, type VerificationKey } from '../attest/index.ts';
import { UserError } from '../user-error.ts';
import { type ArchiveManifest, manifestPayloadType, manifestSchema } from './archive-manifest.ts';

const versionSchema = z.object({ schemaVersion: z.number() });

interface ManifestOrigin {
  /** How messages name the archive. */
  readonly title: string;
  /** Whether the content is an envelope around the manifest. */
  readonly signed: boolean;
  readonly key: { readonly file: string; readonly verification: VerificationKey } | null;
}

/** The manifest of an archive. With a key, it is not parsed before its signature is verified. @throws UserError (2) */
export function manifestFrom(content: Buffer, { title, signed, key }: ManifestOrigin): ArchiveManifest {
  return parsed(signed ? payloadOf(content, title, key) : content, title);
}

function payloadOf(content: Buffer, title: string, key: ManifestOrigin['key']): Buffer {
  const envelope = parseEnvelope(`of the archive ${title}`, content);
  if (key !== null && !isSignedBy(envelope, key.verification)) {
    throw new UserError(`The archive ${title} is not signed with the key ${key.file}; none of it was taken.`);
  }
  if (envelope.payloadType !== manifestPayloadType) {
    throw new UserError(
      `The archive ${title} is damaged: its signature is of ${JSON.stringify(envelope.payloadType)}.`,
    );
  }
  return envelope.payload;
}

function parsed(json: Buffer, title: string): ArchiveManifest {
  let document: unknown;
  try {
    document = JSON.parse(json.toString('utf8'));
  } catch (cause) {
    throw new UserError(`The archive ${title} is damaged: its manifest is not JSON.`, { cause });
  }
  const { data, error } = manifestSchema.safeParse(document);
  if (data === undefined) {
    const version = versionSchema.safeParse(document).data?.schemaVersion;
    const other = version === undefined || version === 1 ? '' : ` (version ${version})`;
    throw new UserError(
      `The archive ${title} has a manifest of a kind that this Padlock does not know${other}; take the archive of this version.`,
      { cause: error },
    );
  }
  if (new Set(data.components.map(({ id }) => id)).size < data.components.length) {
    throw new UserError(`The archive ${title} is damaged: its manifest lists a component twice.`);
  }
  return data;
}
