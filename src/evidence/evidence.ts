import { z } from 'zod';

/**
 * The evidence of one scenario: everything the recorders saw, redacted, in one JSON document.
 *
 * Checks are pure functions of this document, so it contains everything a check needs and nothing secret: of a Secret
 * only what `redaction.ts` allows. All times are ISO 8601 in UTC, from the clock of the machine that runs Padlock unless
 * the field's description names another clock.
 *
 * Version 3 adds `subject.expects`. Version 2 is still read, and judged as it was by the Padlock version that wrote it.
 */
export const evidenceSchemaVersion = 3;
export const readableEvidenceVersions = [2, evidenceSchemaVersion] as const;

const timestamp = z.iso.datetime({ precision: 3 }).describe('UTC, from the clock of the machine that runs Padlock');

const objectReference = z.strictObject({
  namespace: z.string(),
  name: z.string(),
});

/** A state of an object as a watch delivered it, complete except for redacted values. */
const objectState = z.strictObject({
  at: timestamp,
  change: z.enum(['existed', 'added', 'modified', 'deleted']),
  object: z.record(z.string(), z.unknown()).describe('the Kubernetes object, redacted'),
});

const objectHistory = z.strictObject({
  apiVersion: z.string(),
  kind: z.string(),
  namespace: z.string(),
  name: z.string(),
  uid: z.string(),
  api: z
    .enum(['cluster', 'control-plane'])
    .optional()
    .describe("the API server it came from, if Istio's control plane has one of its own"),
  states: z.array(objectState).min(1),
});

const accessLogEntry = z.strictObject({
  at: timestamp.describe("the request's start by the gateway's clock"),
  pod: z.string().describe('the gateway Pod, namespace/name'),
  method: z.string(),
  path: z.string(),
  authority: z.string().describe('the Host header, without a port when it is the default one'),
  status: z.int(),
  responseFlags: z.string().describe("Envoy's response flags, '-' for none"),
  responseCodeDetails: z.string(),
  upstreamCluster: z.string().nullable().describe('e.g. outbound|8089||cm-acme-http-solver-abcde.ns.svc.cluster.local'),
  upstreamHost: z.string().nullable(),
  routeName: z.string().nullable(),
  userAgent: z.string().nullable(),
  downstreamRemoteAddress: z.string().nullable(),
  durationMs: z.number(),
});

const caLogLine = z.strictObject({
  at: timestamp.nullable().describe('the timestamp in the line, if any'),
  line: z.string(),
});

/** A certificate as parsed from DER; `pem` is public material. */
const certificateFacts = z.strictObject({
  subject: z.string(),
  issuer: z.string(),
  serialNumber: z.string().describe('lower-case hexadecimal'),
  notBefore: timestamp,
  notAfter: timestamp,
  dnsNames: z.array(z.string()),
  fingerprintSha256: z.string().describe('lower-case hexadecimal, of the DER'),
  publicKeySha256: z.string().describe('lower-case hexadecimal, of the DER SubjectPublicKeyInfo'),
  pem: z.string(),
});

const httpProbe = z.strictObject({
  kind: z.literal('http'),
  name: z.string().describe('what the probe is for, e.g. application-before'),
  at: timestamp,
  durationMs: z.number(),
  url: z.string(),
  address: z.string().describe('the IP address that the client connected to'),
  trust: z.enum(['none', 'ca-roots', 'foreign-root']).describe("which roots the client trusted; 'none' for plain HTTP"),
  serverName: z
    .string()
    .optional()
    .describe(
      'the SNI, and the name that was verified, of a connection that was made for another host than that of the URL',
    ),
  outcome: z.union([
    z.strictObject({
      status: z.int(),
      httpVersion: z.enum(['1.1', '2']),
      headers: z.record(z.string(), z.string()),
      body: z.string().describe('the first 4096 characters'),
    }),
    z.strictObject({ error: z.string(), code: z.string().nullable() }),
  ]),
});

const tlsProbe = z.strictObject({
  kind: z.literal('tls'),
  name: z.string(),
  at: timestamp,
  durationMs: z.number(),
  address: z.string(),
  port: z.int(),
  serverName: z.string().describe('the SNI sent, and the name the certificate was verified for'),
  trust: z.enum(['ca-roots', 'foreign-root']),
  outcome: z.union([
    z.strictObject({
      protocol: z.string(),
      cipher: z.string(),
      alpn: z.string().nullable(),
      authorized: z.boolean().describe('host name and chain verified against the trusted roots alone'),
      authorizationError: z.string().nullable(),
      chain: z.array(certificateFacts).describe('as the server sent it, leaf first'),
      stapledOcsp: z.boolean(),
      keyExchangeGroup: z
        .string()
        .nullable()
        .optional()
        .describe("the group of the key exchange by IANA's name, e.g. X25519MLKEM768; absent in older evidence"),
      signatureAlgorithm: z
        .string()
        .nullable()
        .optional()
        .describe(
          "the scheme of the server's signature by IANA's name, e.g. ecdsa_secp256r1_sha256; absent in older evidence",
        ),
    }),
    z.strictObject({ error: z.string(), code: z.string().nullable() }),
  ]),
});

const dnsProbe = z.strictObject({
  kind: z.literal('dns'),
  name: z.string(),
  at: timestamp,
  durationMs: z.number(),
  servers: z.array(z.string()).readonly().describe('the name servers that were asked, and no other'),
  host: z.string(),
  type: z.enum(['A', 'AAAA', 'CNAME', 'TXT', 'NS', 'CAA']),
  outcome: z.union([
    z.strictObject({ records: z.array(z.string()) }),
    z.strictObject({ error: z.string(), code: z.string().nullable() }),
  ]),
});

/** A page as a browser with a fresh profile showed it: see `browser-agent.ts`. */
const browserProbe = z.strictObject({
  kind: z.literal('browser'),
  name: z.string(),
  at: timestamp,
  durationMs: z.number(),
  url: z.string(),
  trust: z.enum(['ca-roots', 'none']).describe("the roots that the profile trusted: 'none' is the control"),
  browser: z.string().nullable().describe('product and version as the browser reports them; null when no browser ran'),
  networkChanges: z
    .int()
    .positive()
    .optional()
    .describe('how often the browser looked again because the network of its machine changed; absent for never'),
  outcome: z.union([
    z.strictObject({
      status: z.int(),
      address: z.string().nullable().describe('the IP address that the browser itself resolved and connected to'),
      securityState: z
        .enum(['unknown', 'neutral', 'insecure', 'secure', 'info', 'insecure-broken'])
        .describe("the page's security state by the DevTools protocol, domain Security: 'secure' is the padlock"),
      protocol: z.string().describe('e.g. TLS 1.3'),
      cipher: z.string(),
      keyExchange: z.string(),
      subject: z.string().describe("the leaf's common name; empty when the CA sets none"),
      issuer: z.string().describe("the common name of the leaf's issuer"),
      validFrom: timestamp,
      validTo: timestamp,
      chain: z.array(certificateFacts).describe('the chain that the browser built, leaf first'),
      screenshotSha256: z
        .string()
        .nullable()
        .describe('lower-case hexadecimal, of the PNG next to the evidence; null when no screenshot was taken'),
    }),
    z.strictObject({ error: z.string(), code: z.string().nullable().describe('e.g. ERR_CERT_AUTHORITY_INVALID') }),
    z.strictObject({ unavailable: z.string().describe('why no browser was available, in one sentence') }),
  ]),
});

/** What consecutive connections or requests of a series have in common: their outcome. Times are those of their starts. */
const failedRun = z.strictObject({
  since: timestamp,
  until: timestamp,
  count: z.int().positive(),
  error: z.string().describe('of the first one'),
  code: z
    .string()
    .nullable()
    .describe('e.g. ECONNREFUSED, CERT_HAS_EXPIRED; PROBE_TIMEOUT for one that took longer than its limit'),
});

/** A new connection every so many milliseconds, each a full TLS handshake that trusts the CA's roots alone. */
const tlsSeriesProbe = z.strictObject({
  kind: z.literal('tls-series'),
  name: z.string(),
  at: timestamp,
  durationMs: z.number(),
  address: z.string(),
  port: z.int(),
  serverName: z.string(),
  trust: z.enum(['ca-roots', 'foreign-root']),
  intervalMs: z.number().describe('as asked, from the start of a connection to the start of the next'),
  outcome: z.strictObject({
    connections: z.int().describe('how many were begun'),
    failed: z.int().describe('how many of them failed, those included that were not trusted'),
    longestPauseMs: z
      .number()
      .describe('the longest time between two starts: what happened in a pause, the series cannot have seen'),
    handshakeMs: z
      .strictObject({ median: z.number(), p99: z.number(), longest: z.number() })
      .nullable()
      .describe('from the first packet to the end of the handshake, of those that succeeded; null for none'),
    leaves: z.array(certificateFacts).describe('each leaf that was served, in the order of first sight'),
    runs: z
      .array(
        z.union([
          z.strictObject({
            since: timestamp,
            until: timestamp,
            count: z.int().positive(),
            fingerprintSha256: z.string().describe('of the leaf that all of them were served'),
          }),
          failedRun,
        ]),
      )
      .describe('consecutive connections with the same leaf or the same code of failure, in the order of their starts'),
  }),
});

/** One connection that stays open, and a GET on it every so many milliseconds. */
const openConnectionProbe = z.strictObject({
  kind: z.literal('open-connection'),
  name: z.string(),
  at: timestamp,
  durationMs: z.number(),
  url: z.string(),
  address: z.string(),
  trust: z.enum(['ca-roots', 'foreign-root']),
  intervalMs: z.number(),
  outcome: z.union([
    z.strictObject({
      httpVersion: z.literal('2'),
      leaf: certificateFacts.describe('what was served when the connection was opened'),
      requests: z.int(),
      failed: z.int(),
      runs: z
        .array(
          z.union([
            z.strictObject({ since: timestamp, until: timestamp, count: z.int().positive(), status: z.int() }),
            failedRun,
          ]),
        )
        .describe('consecutive requests with the same status or the same code of failure'),
      closed: z
        .strictObject({ at: timestamp, how: z.string() })
        .nullable()
        .describe('when and how the server ended the connection; null where it was open to the end'),
    }),
    z.strictObject({ error: z.string(), code: z.string().nullable() }),
  ]),
});

const probe = z.discriminatedUnion('kind', [
  httpProbe,
  tlsProbe,
  dnsProbe,
  browserProbe,
  tlsSeriesProbe,
  openConnectionProbe,
]);

const componentLog = z.strictObject({
  source: z.string().describe('namespace/Pod, and the container where the Pod has several'),
  lines: z.array(z.string()).describe('the last lines that mention an object or the host of the issuance, redacted'),
});

const gatewayConfig = z.strictObject({
  pod: z.string().describe('the gateway Pod, namespace/name'),
  at: timestamp,
  listeners: z
    .array(
      z.strictObject({
        port: z.int(),
        state: z
          .enum(['active', 'warming'])
          .describe("'warming': waits for a dependency, e.g. a TLS secret, and is not in use"),
        routeConfigs: z.array(z.string()).describe('the route configurations its HTTP filters use'),
        serverNames: z.array(z.string()).describe('the SNI names its filter chains match; empty for any'),
        secrets: z.array(z.string()).describe('the TLS secrets that its filter chains request'),
      }),
    )
    .describe('the listeners of the ports that clients can reach'),
  routes: z
    .array(
      z.strictObject({
        routeConfig: z.string(),
        domain: z.string().describe('the domain by which the virtual host matches the host'),
        match: z.string().describe('e.g. exact /path, prefix /'),
        target: z.string().describe("a cluster, 'redirect to …' or 'direct response <status>'"),
      }),
    )
    .describe("the routes of the virtual hosts that match the subject's host, in Envoy's order"),
  secrets: z.array(z.strictObject({ name: z.string(), state: z.enum(['active', 'warming']) })),
});

const solverRequest = z.strictObject({
  at: timestamp,
  pod: z.string().describe('the solver Pod, namespace/name'),
  host: z.string(),
  path: z.string(),
  userAgent: z.string().nullable(),
  throughEnvoy: z.boolean().describe('whether the request had headers that Envoy adds'),
});

export const evidenceSchema = z.strictObject({
  schemaVersion: z.literal(readableEvidenceVersions),
  scenario: z.strictObject({
    id: z.string(),
    title: z.string(),
    startedAt: timestamp,
    endedAt: timestamp,
    settings: z
      .record(z.string(), z.string())
      .describe("settings that differ from the components' defaults, e.g. waitInsteadOfSelfCheck: 1s"),
  }),
  subject: z
    .strictObject({
      host: z.string(),
      issuer: objectReference,
      certificate: objectReference,
      secret: objectReference,
      solver: z.enum(['ingress', 'gateway-httproute', 'dns01']),
      gateway: objectReference.describe(
        'the Service (and Deployment) of the gateway that the challenge must pass through',
      ),
      application: z.strictObject({
        service: z.string().describe('FQDN of the Service behind the gateway, as it appears in upstream clusters'),
        port: z.int(),
      }),
      expects: z
        .strictObject({
          http: z
            .enum(['answers', 'redirect'])
            .optional()
            .describe(
              "what users get over plain HTTP on port 80: the application 'answers', or the gateway sends a 'redirect' to https; absent if no application is behind the gateway",
            ),
          refusal: z
            .strictObject({
              by: z
                .enum(['Issuer', 'ClusterIssuer', 'Certificate', 'Event'])
                .describe('the kind of the object that says it'),
              says: z.array(z.string()).readonly().describe('words of which one must be in what it says'),
            })
            .optional()
            .describe('what must be refused, at first or for good; absent if nothing must'),
          recovery: z
            .enum(['by-itself', 'after-back-off', 'by-a-person'])
            .optional()
            .describe(
              "how a renewal recovers from a failure: 'by-itself'; cert-manager gives it up and tries again an hour later ('after-back-off'); or never, until a person does something ('by-a-person'); absent if nothing fails",
            ),
        })
        .optional()
        .describe(
          'how the scenario expects the host to be served; absent when nothing is served, and before version 3',
        ),
    })
    .describe('the host and the objects under test; checks find their objects by these names'),
  actions: z
    .array(z.strictObject({ at: timestamp, name: z.string(), detail: z.string() }))
    .describe('what the scenario did, in order; names are stable, e.g. apply, wait, delete, probe'),
  objects: z.array(objectHistory),
  accessLog: z.array(accessLogEntry),
  accessLogMissing: z
    .strictObject({
      reason: z.enum(['off', 'elsewhere', 'unreadable', 'unknown']),
      detail: z.string().describe('what the configuration of the mesh or the log itself shows, without a full stop'),
    })
    .optional()
    .describe(
      "why the gateway's access log shows no request: it is 'off', goes 'elsewhere' than to stdout, or has lines that are 'unreadable'; absent when it shows one",
    ),
  solverRequests: z
    .array(solverRequest)
    .optional()
    .describe(
      "the requests that solvers answered with the key, by their own logs; absent where the gateway's access log is there, or none was seen",
    ),
  ca: z.strictObject({
    directoryUrl: z.string(),
    userAgent: z
      .string()
      .describe(
        "a substring of the user agent that identifies the CA's validation requests; empty when unknown: then they are told by elimination",
      ),
    roots: z.array(certificateFacts).describe("the CA's roots, from its management endpoint"),
    foreignRoot: certificateFacts.describe("a root of the same form as the CA's that signed nothing in this run"),
    log: z.array(caLogLine),
  }),
  acme: z
    .strictObject({
      profiles: z.array(z.string()).describe("the names in the directory's meta.profiles (draft-ietf-acme-profiles)"),
      revocations: z
        .array(
          z.strictObject({
            at: timestamp,
            fingerprintSha256: z.string().describe('lower-case hexadecimal, of the DER of the certificate to revoke'),
            status: z.int(),
            error: z.string().nullable().describe("the problem document's type (RFC 8555 section 6.7)"),
          }),
        )
        .describe("requests signed by the certificate's own key (RFC 8555 section 7.6), in order"),
    })
    .optional()
    .describe("requests that Padlock's own ACME client made to the CA from outside"),
  probes: z.array(probe),
  gatewayConfigs: z
    .array(gatewayConfig)
    .describe('the configuration of Envoy in each gateway Pod, recorded only when the scenario did not complete'),
  logs: z
    .array(componentLog)
    .describe("logs of istiod and of cert-manager's controllers, recorded only when the scenario did not complete"),
  problems: z.array(z.string()).describe('gaps in the recording, one sentence each'),
});

export type Evidence = z.infer<typeof evidenceSchema>;
export type ObjectReference = z.infer<typeof objectReference>;
export type ObjectHistory = z.infer<typeof objectHistory>;
export type ObjectState = z.infer<typeof objectState>;
export type AccessLogEntry = z.infer<typeof accessLogEntry>;
export type SolverRequest = z.infer<typeof solverRequest>;
export type CaLogLine = z.infer<typeof caLogLine>;
export type CertificateFacts = z.infer<typeof certificateFacts>;
export type HttpProbe = z.infer<typeof httpProbe>;
export type TlsProbe = z.infer<typeof tlsProbe>;
export type DnsProbe = z.infer<typeof dnsProbe>;
export type BrowserProbe = z.infer<typeof browserProbe>;
export type TlsSeriesProbe = z.infer<typeof tlsSeriesProbe>;
export type OpenConnectionProbe = z.infer<typeof openConnectionProbe>;
export type GatewayConfig = z.infer<typeof gatewayConfig>;
export type ComponentLog = z.infer<typeof componentLog>;
export type Probe = z.infer<typeof probe>;
export type Subject = Evidence['subject'];
/** The host of an entry's authority, without a port. */
export function hostOfAuthority(authority: string): string {
  return authority.replace(/:\d+$/, '');
}

/** How a scenario expects its host to be served. */
export type Expectations = NonNullable<Subject['expects']>;
/** A refusal that a scenario expects. */
export type Refusal = NonNullable<Expectations['refusal']>;
