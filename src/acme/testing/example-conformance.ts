import {
  type CheckResult,
  type Conformance,
  conformanceSchemaVersion,
  type ReportedExchange,
} from '../runner/conformance.ts';

/** For tests: a passed check, with the changes of a test. */
export function exampleCheck(changes: Partial<CheckResult> = {}): CheckResult {
  return {
    id: 'replayed-nonce',
    group: 6,
    rfc: 8555,
    section: '6.5',
    level: 'MUST',
    basis: 'keyword',
    asserts: 'The CA refuses a used nonce with 400 badNonce.',
    verdict: 'passed',
    message: 'The CA answered 400 badNonce.',
    durationMs: 12,
    exchanges: [1],
    ...changes,
  };
}

/** For tests: the exchange of that check. */
export const exampleExchange: ReportedExchange = {
  number: 1,
  method: 'POST',
  url: 'https://ca.test/new-account',
  contentType: 'application/jose+json',
  sent: { protected: { alg: 'ES256', jwk: '[redacted]' }, payload: {} },
  status: 400,
  headers: { 'content-type': ['application/problem+json'] },
  body: '{"type":"urn:ietf:params:acme:error:badNonce"}',
  error: null,
};

/** For tests: the report of a run with one check. */
export function exampleConformance(changes: Partial<Conformance> = {}): Conformance {
  return {
    schemaVersion: conformanceSchemaVersion,
    padlockVersion: '0.1.0',
    startedAt: '2026-11-24T09:00:00.000Z',
    durationMs: 4200,
    options: {
      directory: 'https://ca.test/directory',
      profile: 'standard',
      only: [],
      domain: 'ca.padlock.test',
      caBundle: true,
      externalAccount: false,
      contact: false,
      stepSeconds: 180,
      answers: ['http-01', 'dns-01'],
    },
    server: {
      meta: { termsOfService: 'https://ca.test/terms' },
      software: 'example/1',
      clockOffsetSeconds: 0,
      serverErrors: 0,
    },
    result: 'passed',
    error: null,
    problems: [],
    requests: 3,
    cleanUp: {
      state: 'done',
      limitSeconds: 60,
      accountsDeactivated: 1,
      certificatesRevoked: 0,
      left: [],
      exchanges: [],
    },
    summary: { passed: 1, failed: 0, warned: 0, skipped: 0 },
    incompatibilities: [],
    exchanges: [exampleExchange],
    checks: [exampleCheck()],
    groups: [{ number: 6, title: 'Refused nonces', state: 'implemented', missing: null }],
    ...changes,
  };
}
