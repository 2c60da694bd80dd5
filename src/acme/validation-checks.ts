import { caaChecks } from './caa-checks.ts';
import type { CaCheck } from './check.ts';
import { dns01Checks } from './dns-01-checks.ts';
import { dnsDraftChecks } from './dns-draft-checks.ts';
import { http01Checks } from './http-01-checks.ts';
import { ipIdentifierChecks } from './ip-identifier-checks.ts';
import { orderReadinessChecks } from './order-readiness-checks.ts';
import { tlsAlpn01Checks } from './tls-alpn-01-checks.ts';
import { validationProgressChecks } from './validation-progress-checks.ts';
import { wildcardChecks } from './wildcard-checks.ts';

/** All that is about validations; each of them stands alone, so that it waits beside the others. */
export const validationChecks: readonly CaCheck[] = [
  ...wildcardChecks,
  ...ipIdentifierChecks,
  ...orderReadinessChecks,
  ...validationProgressChecks,
  ...http01Checks,
  ...dns01Checks,
  ...tlsAlpn01Checks,
  ...caaChecks,
  ...dnsDraftChecks,
];
