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
});

export type KeeperSpec = z.infer<typeof keeperSpecSchema>;

/**
 * What a keeper says on stdout, one JSON object a line. On stdin it hears `detach`, after which it lives on without the
 * command that started it; when stdin ends before that, it takes the cell down.
 */
export const keeperEventSchema = z.discriminatedUnion('event', [
  z.object({ event: z.literal('phase'), phase: z.string(), sinceStartMs: z.number() }),
  z.object({ event: z.literal('ready'), sinceStartMs: z.number() }),
  z.object({ event: z.literal('failed'), message: z.string() }),
  z.object({ event: z.literal('gone'), peakMemoryBytes: z.number().nullable(), downMs: z.number() }),
]);

export type KeeperEvent = z.infer<typeof keeperEventSchema>;
