import type { Evidence } from '../evidence/evidence.ts';
import type { RecordedChallenge } from './issuance.ts';
import { earliest, firstAt, isValid, latest, type Moment } from './issuance-moments.ts';
import { deletion, field, text } from './recorded-object.ts';

/** The steps of a DNS-01 Challenge. */
interface DnsMoments {
  /**
   * When cert-manager set the TXT record. The Challenge says it to the second, rounded down, and so possibly as before it existed:
   * then this is when it was first seen.
   */
  readonly presented: Moment;
  /** When the CA began to look the record up, by its log; to the second. */
  readonly lookup: Moment;
  readonly valid: Moment;
  /** When the Challenge was gone, which cert-manager lets happen after it removed the record. */
  readonly gone: Moment;
}

/**
 * When the steps of a DNS-01 Challenge were. Null for evidence before version 3: its reports show no such steps, and the same
 * evidence gives the same report.
 */
export function dnsMoments(evidence: Evidence, { history, dnsName }: RecordedChallenge): DnsMoments | null {
  if (evidence.schemaVersion < 3) return null;
  const gone = deletion(history);
  const saidAt = history.states.flatMap(({ object }) => text(object, 'status', 'presentedAt') ?? [])[0];
  // Pebble's words when its validation authority takes up a Challenge.
  const lookups = evidence.ca.log.filter(
    ({ line }) => line.includes('Pulled a task from the Tasks queue') && line.includes(`Value:"${dnsName}"`),
  );
  return {
    presented:
      saidAt === undefined
        ? firstAt(history, ({ object }) => field(object, 'status', 'presented') === true)
        : latest([Date.parse(saidAt), firstAt(history, () => true)]),
    lookup: earliest(lookups.map(({ at }) => (at === null ? undefined : Date.parse(at)))),
    valid: firstAt(history, isValid),
    gone: gone === undefined ? undefined : Date.parse(gone.at),
  };
}
