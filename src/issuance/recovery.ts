import { actionNames } from '../evidence/action-names.ts';
import type { Evidence } from '../evidence/evidence.ts';
import { probeNames } from '../evidence/probe-names.ts';
import { field, text } from './recorded-object.ts';
import { tlsSeries } from './recorded-probe.ts';

/** How a renewal recovered from a failure: as `subject.expects.recovery` of the evidence, or not at all. */
export type RecoveryKind = 'by-itself' | 'after-back-off' | 'by-a-person' | 'not';

/** What a failure during a renewal did, by the evidence. */
export interface Recovery {
  /** As the scenario noted it, e.g. `istiod-down (mesh): istiod does not run`. */
  readonly failure: string;
  readonly beganAt: string;
  readonly endedAt: string;
  readonly kind: RecoveryKind;
  /** When the renewed Certificate was there; null if it never was. */
  readonly renewedAt: string | null;
  /** From the end of the failure, in ms; 0 if the renewal ended before; null if it never did. */
  readonly afterEndMs: number | null;
  /** What a person did after the failure had ended; null if nothing. */
  readonly cure: string | null;
  readonly handshakes: number;
  readonly failedHandshakes: number;
  /** The longest time, in ms, during which all handshakes failed. */
  readonly longestOutageMs: number;
  /** Requests in the CA's log from the beginning of the failure to the renewal; null where others may order from it, too. */
  readonly caRequests: number | null;
  /** What cert-manager's objects said last while the failure lasted; null if nothing new. */
  readonly said: string | null;
}

/** A request in the logs of the CA servers that Padlock starts. */
const requestLine = /\b(?:GET|HEAD|POST) \S+/;

/** Reads a failure and the recovery from it. @returns null for evidence without a failure */
export function recoveryOf(evidence: Evidence): Recovery | null {
  const { actions } = evidence;
  const began = actions.find(({ name }) => name === actionNames.failureBegins);
  const ended = actions.findLast(({ name }) => name === actionNames.failureEnds);
  if (began === undefined || ended === undefined) return null;
  const renewedAt = revisionAt(evidence, 2);
  const until = renewedAt ?? evidence.scenario.endedAt;
  const cure = actions.find(({ name, at }) => name === actionNames.cure && at > ended.at)?.detail ?? null;
  const askedAgain = actions.some(({ name, at }) => name === actionNames.renew && at > ended.at);
  const { outcome } = tlsSeries(evidence, probeNames.handshakes) ?? {};
  const { log } = evidence.ca;
  const hasOwnCa = actions.some(({ name }) => name === actionNames.ca);
  return {
    failure: began.detail,
    beganAt: began.at,
    endedAt: ended.at,
    kind: renewedAt === null ? 'not' : cure !== null ? 'by-a-person' : askedAgain ? 'after-back-off' : 'by-itself',
    renewedAt,
    afterEndMs: renewedAt === null ? null : Math.max(0, Date.parse(renewedAt) - Date.parse(ended.at)),
    cure,
    handshakes: outcome?.connections ?? 0,
    failedHandshakes: outcome?.failed ?? 0,
    longestOutageMs: longestOutage(outcome?.runs ?? []),
    caRequests:
      log.length === 0 || !hasOwnCa
        ? null
        : log.filter(({ at, line }) => at !== null && at >= began.at && at <= until && requestLine.test(line)).length,
    said: saidBetween(evidence, began.at, actions.find(({ name }) => name === actionNames.givenUp)?.at ?? ended.at),
  };
}

interface HandshakeRun {
  readonly since: string;
  readonly until: string;
}

/** From the last handshake that succeeded before some failed to the first that succeeded after them, in ms. */
function longestOutage(runs: readonly HandshakeRun[]): number {
  const outages = runs.map((run, index) => {
    if (!('error' in run)) return 0;
    const before = runs.slice(0, index).findLast((one) => !('error' in one))?.until ?? run.since;
    const after = runs.slice(index).find((one) => !('error' in one))?.since ?? run.until;
    return Date.parse(after) - Date.parse(before);
  });
  return Math.max(0, ...outages);
}

/** When the scenario's Certificate was first seen at a revision; null if never. */
function revisionAt({ objects, subject }: Evidence, revision: number): string | null {
  const { namespace, name } = subject.certificate;
  const history = objects.find((one) => one.kind === 'Certificate' && one.namespace === namespace && one.name === name);
  const state = history?.states.find(({ object }) => Number(field(object, 'status', 'revision') ?? 0) >= revision);
  return state?.at ?? null;
}

/** The last reason that an Order or a Challenge of the renewal gave while the failure lasted. */
function saidBetween({ objects, actions }: Evidence, began: string, ended: string): string | null {
  const asked = actions.find(({ name }) => name === actionNames.renew)?.at ?? began;
  const said = objects
    .filter(({ kind, states: [first] }) => ['Challenge', 'Order'].includes(kind) && (first?.at ?? '') >= asked)
    .flatMap(({ kind, states }) =>
      states.map(({ at, object }) => ({ kind, at, reason: text(object, 'status', 'reason') })),
    )
    .filter(({ at, reason }) => at >= began && at <= ended && (reason ?? '') !== '')
    .toSorted((one, other) => one.at.localeCompare(other.at))
    .at(-1);
  return said === undefined ? null : `${said.kind}: ${said.reason}`;
}
