import { z } from 'zod';

/** The version of load.json. Additions do not raise it; readers ignore what they do not know. */
export const loadSchemaVersion = 1;

const bytes = z.number().nonnegative().describe('in bytes');
const ms = z.number().describe('in milliseconds');
const quantiles = z.object({ count: z.int(), p50: ms, p95: ms, p99: ms, max: ms });

const growth = z.object({
  shape: z
    .enum(['unknown', 'none', 'unclear', 'linear', 'slowing', 'quickening'])
    .describe(
      'linear: one more certificate costs as much at the end as at the beginning; slowing, quickening: less than half, more than twice as much; none: lost in the noise; unclear: neither a line nor a parabola fits',
    ),
  perUnit: z.number().nullable().describe('what one more certificate adds on average'),
  perUnitFirst: z.number().nullable().describe('the same at the beginning, of a fitted parabola'),
  perUnitLast: z.number().nullable().describe('the same at the end, of a fitted parabola'),
  explained: z.number().nullable().describe('the share of the variance that a straight line explains'),
});

const partSchema = z.object({
  part: z.string(),
  cpuSeconds: z
    .number()
    .nullable()
    .describe('of CPU during the load; processes that lived between two samples are missing'),
  cpuSecondsPerCertificate: z.number().nullable(),
  memoryFirstBytes: bytes.nullable(),
  memoryLastBytes: bytes.nullable(),
  memoryPeakBytes: bytes.nullable(),
  memoryGrowth: growth.describe('of the memory, over the number of certificates that were Ready'),
});

/** The phases of one certificate: from one moment to the next. */
export const loadPhases = [
  { id: 'order', from: 'requested', to: 'ordered', title: 'requested to Order made' },
  { id: 'challenge', from: 'ordered', to: 'challenged', title: 'Order made to Challenge made' },
  { id: 'present', from: 'challenged', to: 'presented', title: 'Challenge made to presented' },
  { id: 'validate', from: 'presented', to: 'valid', title: 'Challenge presented to valid' },
  { id: 'finalize', from: 'valid', to: 'ready', title: 'Challenge valid to Certificate Ready' },
  { id: 'issue', from: 'requested', to: 'ready', title: 'requested to Certificate Ready' },
  {
    id: 'group',
    from: 'ready',
    to: 'configured',
    title: 'Certificate Ready to its Gateway applied, once all of its hosts are Ready',
  },
  { id: 'serve', from: 'configured', to: 'served', title: 'Gateway applied to served' },
] as const;

export const loadReportSchema = z
  .object({
    schemaVersion: z.literal(loadSchemaVersion),
    padlock: z.object({ version: z.string() }),
    startedAt: z.iso.datetime(),
    machine: z.object({ os: z.string(), cpus: z.int(), memoryBytes: bytes, timeScale: z.number() }),
    environment: z.object({ kind: z.string(), name: z.string() }),
    components: z.array(z.object({ name: z.string(), version: z.string() })),
    ca: z.object({ software: z.string(), version: z.string() }),
    shape: z.object({
      certificates: z.int(),
      ratePerSecond: z.number().nullable().describe('null for all at once'),
      solver: z.enum(['http01', 'dns01', 'ca-issuer']),
      hostsPerGateway: z.int(),
    }),
    outcome: z.object({
      ready: z.int().describe('certificates that became Ready'),
      served: z.int().describe('hosts that the gateway served'),
      stalled: z.string().nullable().describe('why the load ended before all were Ready and served, or null'),
      readyMs: ms.nullable().describe('from the first request to the last Certificate Ready'),
      servedMs: ms.nullable().describe('from the first request to the last host served'),
      lastServedAfterReadyMs: ms.nullable().describe('from the last Certificate Ready to the last host served'),
      certificatesPerSecond: z.number().nullable(),
      floorMs: ms
        .nullable()
        .describe("the least that cert-manager's own waits and its concurrent challenges allow, or null"),
      excessMs: ms.nullable().describe('what was above the floor'),
    }),
    phases: z.array(z.object({ id: z.string(), title: z.string(), ...quantiles.shape })),
    latencyGrowth: growth.describe(
      'of the time from request to Ready, over the order in which certificates became Ready',
    ),
    parts: z.array(partSchema),
    machineBusy: z.number().nullable().describe('the share of all cores of this machine that was busy, 0 to 1'),
    perCertificate: z.object({
      apiRequests: z.number().nullable(),
      caRequests: z.number().nullable(),
      etcdBytes: z.number().nullable().describe("growth of etcd's database file, with history"),
      storedBytes: z.number().describe('the JSON of every state that was stored of its objects'),
      writes: z.number().describe('how often one of its objects was stored'),
      cpuSeconds: z.number().nullable().describe('of all parts that were seen'),
    }),
    apiRequests: z.array(z.object({ request: z.string(), count: z.number() })).describe('the most frequent first'),
    caRequests: z.array(z.object({ request: z.string(), count: z.number() })),
    stored: z.array(z.object({ kind: z.string(), objects: z.int(), writes: z.int(), bytes })),
    mostSolverPods: z.int(),
    gatewayRestart: z
      .object({
        hosts: z.int().describe('credentialNames that the gateway had to fetch'),
        readyMs: ms
          .nullable()
          .describe('from the deletion of its Pods to a new one Ready; null if not within the limit'),
        servedMs: ms.nullable().describe('from the deletion to every host served'),
        limitMs: ms,
      })
      .nullable(),
    renewStorm: z
      .object({
        certificates: z.int(),
        renewedMs: ms.nullable().describe('from the first renewal asked for to the last one done'),
        handshakes: z.int(),
        lost: z.int().describe('handshakes that failed meanwhile'),
        lostFor: z.array(z.string()).describe('what the lost ones said, each once'),
        hosts: z.int().describe('hosts that were connected to all along'),
        swapped: z.int().describe('of these, hosts that were seen with a new certificate'),
      })
      .nullable(),
    nextLimit: z.array(z.string()).describe('where the next limits lie, the nearest first, one sentence each'),
    timeline: z
      .array(
        z.object({
          atMs: ms.describe('since the first request'),
          ready: z.int(),
          served: z.int(),
          parts: z.array(
            z.object({ part: z.string(), cpuCores: z.number().nullable(), memoryBytes: bytes.nullable() }),
          ),
        }),
      )
      .describe('what the charts show'),
    problems: z.array(z.string()),
  })
  .describe(
    'A load of certificates: how long they took, what they cost, how that grows and where the next limit lies.',
  );

export type LoadReport = z.infer<typeof loadReportSchema>;
export type LoadTimelinePoint = LoadReport['timeline'][number];
