import { field, text } from '../issuance/recorded-object.ts';
import type { Situation } from './situation.ts';

/** cert-manager's back-off after failed issuances (pkg/controller/certificates/trigger): an hour, doubled up to 32 hours. */
const firstDelayHours = 1;
const longestDelayHours = 32;

/** When cert-manager tries a failed issuance again, ISO 8601 in UTC; null where none has failed. */
export function nextAttempt({ certificate }: Situation): string | null {
  const failedAt = Date.parse(text(certificate, 'status', 'lastFailureTime') ?? '');
  if (Number.isNaN(failedAt)) return null;
  const attempts = field(certificate, 'status', 'failedIssuanceAttempts');
  const doublings = typeof attempts === 'number' ? Math.max(0, attempts - 1) : 0;
  const hours = Math.min(longestDelayHours, firstDelayHours * 2 ** doublings);
  return new Date(failedAt + hours * 3_600_000).toISOString().replace('.000Z', 'Z');
}

/** When cert-manager tries again, for a remedy. */
export function triesAgain(situation: Situation): string {
  const at = nextAttempt(situation);
  const when = at === null ? 'after one hour at first' : `at ${at}`;
  return `cert-manager tries again by itself ${when}; 'cmctl renew ${text(situation.certificate, 'metadata', 'name') ?? ''} -n ${text(situation.certificate, 'metadata', 'namespace') ?? ''}' tries at once.`;
}
