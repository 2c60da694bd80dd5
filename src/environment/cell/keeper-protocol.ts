import { z } from 'zod';

/** What a keeper is started with: the file named by its only argument. */
export const keeperSpecSchema = z.object({
  name: z.string(),
  slot: z.int(),
  createdAt: z.string(),
  /** The id of the CA server. */
  ca: z.string(),
  binaries: z.record(z.string(), z.string()),
  imageStore: z.string(),
  /** What the cell's registry serves: full names, and OCI archives. */
  images: z.array(z.object({ name: z.string(), archive: z.string() })),
  /** The folder of the prepared state to start from; null for an empty cluster. */
  preparedState: z.string().nullable(),
  /** By how much its time limits are longer; null for what it measures itself. */
  timeScale: z.number().positive().nullable(),
});

export type KeeperSpec = z.infer<typeof keeperSpecSchema>;

/**
 * What a keeper says on stdout, one JSON object a line. On stdin it hears `detach`, after which it lives on without the
 * command that started it; when stdin ends before that, it takes the cell down.
 */
export const keeperEventSchema = z.discriminatedUnion('event', [
  z.object({ event: z.literal('phase'), phase: z.string(), sinceStartMs: z.number() }),
  z.object({
    event: z.literal('ready'),
    sinceStartMs: z.number(),
    /** The digest of the prepared state that the cell was restored from; null for an empty cluster. */
    restoredFrom: z.string().nullable(),
  }),
  /** The prepared state cannot be used, in one sentence; the cell starts empty. */
  z.object({ event: z.literal('state-refused'), message: z.string() }),
  z.object({ event: z.literal('failed'), message: z.string() }),
  z.object({ event: z.literal('gone'), peakMemoryBytes: z.number().nullable(), downMs: z.number() }),
]);

export type KeeperEvent = z.infer<typeof keeperEventSchema>;
