import type { CertificateFacts } from '../../evidence/evidence.ts';

/** The fields of a Certificate's spec that say when it is renewed. */
interface RenewalFields {
  /** A duration of Go, e.g. 5m0s; null if it is not set. */
  readonly renewBefore: string | null;
  /** How much of the validity is left when it is due, in percent; NaN if it is not set. */
  readonly percentage: number;
}

/**
 * When a leaf is due for renewal, as cert-manager's API documents it: renewBefore before its end; where that is not set or not
 * shorter than its validity, a percentage of its validity before its end; a third of its validity by default.
 *
 * @returns milliseconds since 1970, a whole second
 */
export function renewalDue(
  { notBefore, notAfter }: Pick<CertificateFacts, 'notBefore' | 'notAfter'>,
  { renewBefore, percentage }: RenewalFields,
): number {
  const end = Date.parse(notAfter);
  const validity = end - Date.parse(notBefore);
  const asked = renewBefore === null ? null : milliseconds(renewBefore);
  const before =
    asked !== null && asked > 0 && asked < validity
      ? asked
      : percentage > 0 && percentage < 100
        ? (validity * percentage) / 100
        : validity / 3;
  return Math.floor((end - before) / 1000) * 1000;
}

const units: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1_000, ms: 1 };

/** @throws Error for what is no duration of Go in hours to milliseconds */
function milliseconds(duration: string): number {
  const parts = [...duration.matchAll(/(\d+(?:\.\d+)?)(ms|h|m|s)/g)];
  if (parts.map(([part]) => part).join('') !== duration || parts.length === 0)
    throw new Error(`"${duration}" is not a duration`);
  return parts.reduce((sum, [, count, unit = 'ms']) => sum + Number(count) * (units[unit] ?? 0), 0);
}
