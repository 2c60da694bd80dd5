import { z } from 'zod';

/** The version of the format of bundles. It changes when an older Padlock could misread a bundle. */
export const bundleVersion = 1;

const bundledKind = z.object({
  apiVersion: z.string(),
  kind: z.string(),
  plural: z.string(),
  namespaced: z.boolean(),
  readIn: z
    .union([z.literal('all'), z.array(z.string())])
    .describe("the namespaces in which all objects were read: 'all', or their names; none if reading failed"),
});

/** `index.json` of a bundle: what it has, and what it could have had. */
export const bundleIndexSchema = z.object({
  bundleVersion: z.literal(bundleVersion),
  startedAt: z.iso.datetime(),
  endedAt: z.iso.datetime(),
  kubernetes: z.string().nullable(),
  reason: z.string().optional().describe('what happened that it was collected for'),
  namespaces: z.array(z.string()).nullable().describe('null for all'),
  groups: z
    .record(z.string(), z.array(z.string()))
    .nullable()
    .describe('the API groups of the cluster with their versions; null if they could not be listed'),
  kinds: z.array(bundledKind).describe('the kinds whose objects are in the bundle, also those without an object'),
  problems: z.array(z.string()).describe('what could not be collected and why, one sentence each'),
  files: z.array(z.object({ path: z.string(), bytes: z.int(), sha256: z.string() })),
});

export type BundleIndex = z.infer<typeof bundleIndexSchema>;
export type BundledKind = z.infer<typeof bundledKind>;
