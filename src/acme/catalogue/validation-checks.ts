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

const alone = (checks: readonly CaCheck[]) => checks.map((check) => [check]);

/** All that is about validations; but for those of IP addresses each stands alone, so that it waits beside the others. */
export const validationLanes: readonly (readonly CaCheck[])[] = [
  ...alone(wildcardChecks),
  ipIdentifierChecks,
  ...alone(orderReadinessChecks),
  ...alone(validationProgressChecks),
  ...alone(http01Checks),
  ...alone(dns01Checks),
  ...alone(tlsAlpn01Checks),
  ...alone(caaChecks),
  ...alone(dnsDraftChecks),
];
