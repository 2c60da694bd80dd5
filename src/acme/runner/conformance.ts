import { z } from 'zod';
import { implementationSchema } from './declaration.ts';

/** conformance.json: what `padlock ca` found out about a CA. */
export const conformanceSchemaVersion = 3;

/** The versions that are read: version 2 lacks `declaration`, `gate` and the features. */
export const readableConformanceVersions = [2, 3] as const;

const count = z.number().int().nonnegative();

const exchangeSchema = z.strictObject({
  number: z.number().int().positive().describe('Its number in the order of the answers, from 1.'),
  method: z.string().describe('The HTTP method.'),
  url: z.string().describe('The URL of the request.'),
  contentType: z.string().nullable().describe('The Content-Type of the request; null when it had no body.'),
  sent: z
    .unknown()
    .describe(
      'The JWS with header and payload decoded; keys, MACs and signatures are left out. Null for GET and HEAD.',
    ),
  status: z.number().int().nullable().describe('The status of the answer; null when there was no answer.'),
  headers: z
    .record(z.string(), z.array(z.string()).readonly())
    .readonly()
    .describe('The header fields of the answer that are relevant to ACME, in lower case, each with all values.'),
  body: z.string().describe('The first 4096 characters of the answer; keys and bindings are left out.'),
  error: z.string().nullable().describe('Why there was no answer; otherwise null.'),
});

const featureNameSchema = z.string().regex(/^[a-z0-9-]+$/);

const expectationSchema = z.strictObject({
  check: z.string().describe('The check.'),
  verdict: z.enum(['failed', 'warned']).describe('The expected verdict.'),
  reason: z.string().describe('Why the CA deviates.'),
  issue: z.string().describe('Where it is followed up.'),
  expires: z.string().describe('The last day on which the deviation is accepted.'),
  sometimes: z.boolean().describe('Whether it depends on chance.'),
});

const gateSchema = z.strictObject({
  result: z
    .enum(['unchanged', 'changed'])
    .describe('unchanged: every verdict that was judged is as the expectations have it.'),
  changes: z
    .array(
      z.strictObject({
        check: z.string().describe('The check.'),
        expected: z.enum(['passed', 'failed', 'warned']).describe('The expected verdict.'),
        seen: z.enum(['passed', 'failed', 'warned']).describe('The verdict of this run.'),
        message: z.string().describe('What was seen.'),
      }),
    )
    .readonly()
    .describe('New deviations, and those that are gone.'),
  known: z.array(expectationSchema).readonly().describe('Expected deviations that were seen.'),
  notJudged: z.array(expectationSchema).readonly().describe('Expected deviations that this run did not judge.'),
});

const featureSchema = z.strictObject({
  name: featureNameSchema.describe('The name of the feature.'),
  title: z.string().describe('What it is.'),
  claimed: z.boolean().nullable().describe('Whether the CA claims it; null without a declaration.'),
  passed: count.describe('Its checks that passed.'),
  failed: count.describe('Its checks that failed.'),
  warned: count.describe('Its checks that warned.'),
  skipped: count.describe('Its checks that were not judged.'),
});

const checkSchema = z.strictObject({
  id: z.string().describe('The name of the check.'),
  group: count.describe('The number of its group.'),
  rfc: count.describe('The number of the RFC.'),
  section: z.string().describe('The section of the RFC that the check is based on.'),
  level: z.enum(['MUST', 'SHOULD', 'MAY']).describe('The requirement level of the assertion.'),
  basis: z
    .enum(['keyword', 'statement'])
    .describe(
      "'keyword': the section uses the RFC 2119 keyword. 'statement': the section describes what a server does, and Padlock chose the level.",
    ),
  asserts: z.string().describe('What a conforming CA does.'),
  verdict: z
    .enum(['passed', 'failed', 'warned', 'skipped', 'not-claimed'])
    .describe(
      'failed: a MUST is violated. warned: a SHOULD or MAY is violated, or the result is inconclusive. skipped: not judged. not-claimed: not judged or not offered, and the CA does not claim the feature.',
    ),
  feature: featureNameSchema
    .nullable()
    .optional()
    .describe('The feature that the check needs; null if every CA must have what it judges.'),
  message: z.string().describe('What was seen; for a skipped check, the reason.'),
  durationMs: count.describe('The duration of the check.'),
  exchanges: z
    .array(z.number().int().positive())
    .readonly()
    .describe(
      'The numbers of the exchanges that the verdict stands on, also of those that it shares with other checks.',
    ),
});

const groupSchema = z.strictObject({
  number: count.describe('The number of the group.'),
  title: z.string().describe('The title of the group.'),
  state: z
    .enum(['implemented', 'partly'])
    .describe('Whether checks cover all or part of the group. A requirement without a check never counts as passed.'),
  missing: z.string().nullable().describe('What no check covers, and why; null when nothing is missing.'),
});

export const conformanceSchema = z.strictObject({
  schemaVersion: z.literal(readableConformanceVersions).describe('The version of this format.'),
  padlockVersion: z.string().describe('The version of Padlock.'),
  startedAt: z.iso.datetime().describe('When the run began, in UTC.'),
  durationMs: count.describe('The duration of the run.'),
  options: z
    .strictObject({
      directory: z.string().describe('The URL of the directory.'),
      profile: z
        .enum(['read-only', 'standard', 'exhaustive'])
        .describe('read-only: only look-ups; standard: also accounts, orders and certificates; exhaustive: all.'),
      only: z.array(z.string()).readonly().describe('The selected sections; empty for all.'),
      domain: z.string().describe('Orders were made for names below this domain.'),
      caBundle: z.boolean().describe("Whether roots were given for the directory's TLS certificate."),
      externalAccount: z.boolean().describe('Whether an external account was given.'),
      contact: z.boolean().describe('Whether accounts were made with a contact.'),
      stepSeconds: z.number().describe('How long the CA could take for one step, in seconds.'),
      answers: z
        .array(z.enum(['http-01', 'dns-01', 'tls-alpn-01']))
        .readonly()
        .describe('The challenge types that the run could answer; when empty, no certificate was issued.'),
    })
    .describe('The options of the run.'),
  server: z
    .strictObject({
      meta: z.record(z.string(), z.unknown()).readonly().nullable().describe('The meta of the directory.'),
      software: z.string().nullable().describe('The Server header field of the answer to the directory.'),
      clockOffsetSeconds: z
        .number()
        .int()
        .describe("How far the server's clock was ahead, by the Date of its answers; 0 below 5 s."),
      serverErrors: count.describe(
        'How many correct requests got a server error or no answer, also if repeated with success.',
      ),
    })
    .describe('How the server identifies itself.'),
  result: z
    .enum(['passed', 'failed', 'partial', 'error'])
    .describe(
      'failed: a MUST is violated. error: the run ended early. partial: an account or order could not be created.',
    ),
  error: z.string().nullable().describe('Why the run ended early; otherwise null.'),
  problems: z.array(z.string()).readonly().describe('What could not be created or cleaned up, one sentence each.'),
  requests: count.describe('The number of requests sent.'),
  cleanUp: z
    .strictObject({
      state: z
        .enum(['pending', 'done'])
        .describe('pending: the report was written before the clean-up, which did not end.'),
      limitSeconds: z.number().describe('The limit of the clean-up.'),
      accountsDeactivated: count.describe('The number of accounts that were created and later deactivated.'),
      certificatesRevoked: count.describe('The number of certificates that were revoked in the clean-up.'),
      left: z.array(z.string()).readonly().describe('What is left at the CA, one sentence each.'),
      exchanges: z.array(z.number().int().positive()).readonly().describe('The numbers of its exchanges.'),
    })
    .describe('What became of accounts, authorizations and certificates.'),
  summary: z
    .strictObject({
      passed: count.describe('Checks that passed.'),
      failed: count.describe('Checks that failed, all of level MUST.'),
      warned: count.describe('Checks that warned.'),
      skipped: count.describe('Checks that were not judged.'),
      notClaimed: count.optional().describe('Checks of features that the CA does not claim.'),
    })
    .describe('The number of checks by verdict.'),
  declaration: z
    .strictObject({
      implementation: implementationSchema.describe('Who makes the CA, and its version.'),
      mode: z.string().describe('How it is set up, in one word.'),
      features: z.array(featureNameSchema).readonly().describe('The features that it claims.'),
    })
    .nullable()
    .optional()
    .describe('What the CA says about itself; null if nothing was declared.'),
  features: z.array(featureSchema).readonly().optional().describe('What the checks of each feature found.'),
  gate: gateSchema.nullable().optional().describe('The verdicts against the expectations file; null without one.'),
  incompatibilities: z
    .array(
      z.strictObject({
        issues: z.array(z.string()).readonly().describe('The issues that report it: repository and number.'),
        pattern: z.string().describe('What the CA does.'),
        certManager: z.string().describe('How cert-manager reacts.'),
        clients: z
          .array(z.strictObject({ client: z.string(), reaction: z.string().describe('As docs/clients.md has it.') }))
          .readonly()
          .optional()
          .describe('What other clients did when it was staged for an ordinary issuance.'),
        check: z.string().describe('The check that found it.'),
      }),
    )
    .readonly()
    .describe('Known incompatibilities between CAs and clients that this CA has.'),
  exchanges: z.array(exchangeSchema).readonly().describe('Every request and its answer, also those of the clean-up.'),
  checks: z.array(checkSchema).readonly().describe('The selected checks, in the order in which they ran.'),
  groups: z.array(groupSchema).readonly().describe('All groups of the catalogue.'),
});

export type Conformance = z.infer<typeof conformanceSchema>;
export type CheckResult = Conformance['checks'][number];
export type ReportedExchange = Conformance['exchanges'][number];
