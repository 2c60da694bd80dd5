import type { ObjectHistory } from '../../evidence/evidence.ts';
import { condition, field, nameOf, text } from '../../issuance/recorded-object.ts';
import { type SecretLeaf, secretLeaves } from '../../issuance/secret-leaves.ts';
import { type Check, failed, passed } from '../check.ts';
import { renewalDue } from './renewal-due.ts';

/** cert-manager looks when its timer fires; the rest is for machines with other work. */
const startedWithinMs = 30_000;
/** cert-manager's times have whole seconds. */
const resolutionMs = 1_000;

/**
 * Renewal by the clock alone. When it is due follows from the leaf itself and spec.renewBefore or spec.renewBeforePercentage, so that a wrong
 * status.renewalTime shows, too.
 */
export const renewedByTime: Check = {
  id: 'renewed-by-time',
  asserts: `Every renewal was started by cert-manager's own clock, at the time that renewBefore sets and at most ${startedWithinMs / 1000} s later, and nobody asked for one.`,
  judge(evidence, { certificate }) {
    if (certificate === undefined) return failed('No Certificate was recorded.');
    const leaves = secretLeaves(evidence);
    if (leaves.length < 2) return failed(`The Secret held ${leaves.length} leaf(s), so there was no renewal.`);
    const starts = renewalStarts(certificate);
    const renewals = leaves
      .slice(0, -1)
      .map((before, index) => renewalOf(before, leaves[index + 1], certificate, starts));
    const defects = renewals.flatMap((renewal) => (typeof renewal === 'string' ? renewal : []));
    if (defects.length > 0) return failed(defects.join(' '));
    const late = renewals.map((renewal) => `${((typeof renewal === 'string' ? 0 : renewal) / 1000).toFixed(1)} s`);
    return passed(
      `${nameOf(certificate)} was renewed ${renewals.length} time(s) because its time had come: started ${late.join(', ')} after it was due.`,
    );
  },
};

interface Start {
  readonly at: string;
  readonly reason: string;
  readonly message: string;
}

/** Each time that the Certificate's condition Issuing became True, or True for another reason. */
function renewalStarts({ states }: ObjectHistory): readonly Start[] {
  let last = '';
  return states.flatMap(({ at, object }) => {
    const issuing = condition(object, 'Issuing');
    const now = issuing?.status === 'True' ? issuing.reason : '';
    const begins = now !== '' && now !== last;
    last = now;
    return begins ? [{ at, reason: now, message: issuing?.message ?? '' }] : [];
  });
}

/** How late a renewal was started, in milliseconds, or what is wrong with it in one sentence. */
function renewalOf(
  { at, leaf }: SecretLeaf,
  next: SecretLeaf | undefined,
  certificate: ObjectHistory,
  starts: readonly Start[],
): number | string {
  const spec = certificate.states.findLast((state) => state.at <= at)?.object ?? certificate.states[0]?.object;
  const due = renewalDue(leaf, {
    renewBefore: text(spec, 'spec', 'renewBefore'),
    percentage: Number(field(spec, 'spec', 'renewBeforePercentage') ?? Number.NaN),
  });
  const start = starts.find((one) => one.at >= at && (next === undefined || one.at <= next.at));
  const named = `The leaf ${leaf.serialNumber} (valid from ${leaf.notBefore} to ${leaf.notAfter}) was due for renewal at ${new Date(due).toISOString()}`;
  if (start === undefined) return `${named}, but the Certificate does not show when it began to be renewed.`;
  if (start.reason !== 'Renewing')
    return `${named}, but was renewed for another reason, at ${start.at}: ${start.reason}: ${start.message}.`;
  const late = Date.parse(start.at) - due;
  if (late < -resolutionMs) return `${named}, but its renewal began ${-late} ms earlier, at ${start.at}.`;
  if (late > startedWithinMs) return `${named}, but its renewal began ${late} ms later, at ${start.at}.`;
  return Math.max(0, late);
}
