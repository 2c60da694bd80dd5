import { z } from 'zod';

/** conformance.json: what `padlock ca` found out about a CA. */
export const conformanceSchemaVersion = 1;

const count = z.number().int().nonnegative();

const exchangeSchema = z.strictObject({
  method: z.string().describe('The HTTP method.'),
  url: z.string().describe('The URL of the request.'),
  contentType: z.string().nullable().describe('The Content-Type of the request; null where it had no body.'),
  sent: z
    .unknown()
    .describe(
      'The JWS with header and payload decoded; keys, MACs and signatures are left out. Null for GET and HEAD.',
    ),
  status: z.number().int().nullable().describe('The status of the answer; null where none came.'),
  headers: z
    .record(z.string(), z.array(z.string()).readonly())
    .readonly()
    .describe('Those header fields of the answer that matter to ACME, in lower case, each with all its values.'),
  body: z.string().describe('The first 4096 characters of the answer; keys and bindings are left out.'),
  error: z.string().nullable().describe('Why no answer came, else null.'),
});

const checkSchema = z.strictObject({
  id: z.string().describe('The name of the check.'),
  group: count.describe('The number of its group.'),
  rfc: count.describe('The number of the RFC.'),
  section: z.string().describe('The section of the RFC that the check stands on.'),
  level: z.enum(['MUST', 'SHOULD', 'MAY']).describe('How strongly the section says it.'),
  basis: z
    .enum(['keyword', 'statement'])
    .describe("Whether the section uses the key word, or says plainly what a server does and the level is Padlock's."),
  asserts: z.string().describe('What a conforming CA does.'),
  verdict: z
    .enum(['passed', 'failed', 'warned', 'skipped'])
    .describe('failed: a MUST is not kept. warned: a SHOULD or MAY is not, or it cannot be told. skipped: not judged.'),
  message: z.string().describe('What was seen; of a skipped check the reason.'),
  durationMs: count.describe('How long the check took.'),
  exchanges: z
    .array(exchangeSchema)
    .readonly()
    .describe(
      'The requests of the check and their answers. What checks share is recorded with the first that needed it.',
    ),
});

const groupSchema = z.strictObject({
  number: count.describe('Its number.'),
  title: z.string().describe('What it is about.'),
  state: z
    .enum(['implemented', 'partly'])
    .describe('Whether there are checks for all of it, or for a part: what has no check is never passed.'),
  missing: z.string().nullable().describe('What no check looks at, and why; null where nothing is missing.'),
});

export const conformanceSchema = z.strictObject({
  schemaVersion: z.literal(conformanceSchemaVersion).describe('The version of this format.'),
  padlockVersion: z.string().describe('The version of Padlock.'),
  startedAt: z.iso.datetime().describe('When the run began, in UTC.'),
  durationMs: count.describe('How long it took.'),
  options: z
    .strictObject({
      directory: z.string().describe('The URL of the directory.'),
      profile: z
        .enum(['read-only', 'standard', 'exhaustive'])
        .describe('read-only: only look-ups; standard: also accounts, orders and certificates; exhaustive: all.'),
      only: z.array(z.string()).readonly().describe('The sections that were asked for; empty for all.'),
      domain: z.string().describe('Orders were made for names below this domain.'),
      caBundle: z.boolean().describe("Whether roots were given for the directory's TLS certificate."),
      externalAccount: z.boolean().describe('Whether an external account was given.'),
      answers: z
        .array(z.enum(['http-01', 'dns-01', 'tls-alpn-01']))
        .readonly()
        .describe('The challenges that could be answered; where there are none, nothing was issued.'),
    })
    .describe('The options of the run.'),
  server: z
    .strictObject({
      meta: z.record(z.string(), z.unknown()).readonly().nullable().describe('The meta of the directory.'),
      software: z.string().nullable().describe('The Server header field of the answer to the directory.'),
    })
    .describe('How the server identifies itself.'),
  result: z
    .enum(['passed', 'failed', 'partial', 'error'])
    .describe(
      'failed: a MUST is not kept. error: the run ended early. partial: an account or order could not be made.',
    ),
  error: z.string().nullable().describe('Why the run ended early, else null.'),
  problems: z.array(z.string()).readonly().describe('What could not be made or cleaned up, one sentence each.'),
  requests: count.describe('How many requests were sent.'),
  accountsDeactivated: count.describe('How many accounts were made and deactivated again.'),
  certificatesRevoked: count.describe('How many certificates were issued and revoked again in the clean-up.'),
  summary: z
    .strictObject({
      passed: count.describe('Checks that passed.'),
      failed: count.describe('Checks that failed: all of them are of level MUST.'),
      warned: count.describe('Checks that warn.'),
      skipped: count.describe('Checks that were not judged.'),
    })
    .describe('Checks by their verdict.'),
  incompatibilities: z
    .array(
      z.strictObject({
        issues: z.array(z.string()).readonly().describe('Where it was reported: repository and number.'),
        pattern: z.string().describe('What the CA does.'),
        certManager: z.string().describe('What cert-manager does then.'),
        check: z.string().describe('The check that met it.'),
      }),
    )
    .readonly()
    .describe('Ways in which CAs and clients were seen to disagree in the field, and that were met here.'),
  checks: z.array(checkSchema).readonly().describe('The checks that were asked for, in the order in which they ran.'),
  groups: z.array(groupSchema).readonly().describe('All groups of the catalogue.'),
});

export type Conformance = z.infer<typeof conformanceSchema>;
export type CheckResult = Conformance['checks'][number];
