import type { Link } from './link.ts';
import { type LinkId, linkIds } from './link-ids.ts';
import { approvalLink } from './links/approval.ts';
import { caRequestLink } from './links/ca-request.ts';
import { certificateLink } from './links/certificate.ts';
import { challengeLink } from './links/challenge.ts';
import { finalizeLink } from './links/finalize.ts';
import { gatewayLink } from './links/gateway.ts';
import { issuerLink } from './links/issuer.ts';
import { nameLink } from './links/name.ts';
import { orderLink } from './links/order.ts';
import { permissionLink } from './links/permission.ts';
import { referenceLink } from './links/reference.ts';
import { requestLink } from './links/request.ts';
import { routeLink } from './links/route.ts';
import { secretLink } from './links/secret.ts';
import { selfCheckLink } from './links/self-check.ts';
import { servedLink } from './links/served.ts';
import { solverLink } from './links/solver.ts';
import type { Rule, RuleMatch } from './rule.ts';
import type { Situation } from './situation.ts';

/** The chain from the Issuer to the served certificate: a file per link in `links/`. */
export const chain: readonly Link[] = [
  issuerLink,
  certificateLink,
  requestLink,
  approvalLink,
  orderLink,
  challengeLink,
  solverLink,
  routeLink,
  gatewayLink,
  nameLink,
  selfCheckLink,
  caRequestLink,
  finalizeLink,
  secretLink,
  referenceLink,
  permissionLink,
  servedLink,
];

interface Finding {
  readonly rule: Rule;
  readonly match: RuleMatch;
}

/** The state of a link, from evidence alone. */
export type LinkState = { readonly link: Link } & (
  | { readonly state: 'done'; readonly says: string; readonly finding?: Finding }
  | { readonly state: 'waiting' | 'broken'; readonly finding: Finding }
  /** `finding` is then a consequence. */
  | { readonly state: 'blocked'; readonly by: LinkId; readonly finding?: Finding }
  | { readonly state: 'not seen'; readonly why: string }
);

/**
 * The state of every link. What a later link proves is done before it: a Challenge that the CA has validated was presented. A
 * link that does not hold because of one before it is blocked by that one.
 */
export function stateOfLinks(situation: Situation): readonly LinkState[] {
  const proven = situation.provenLink === null ? -1 : linkIds.indexOf(situation.provenLink);
  const states: LinkState[] = [];
  for (const [index, link] of chain.entries()) states.push(stateOf(link, situation, states, index <= proven));
  return states;
}

function stateOf(link: Link, situation: Situation, before: readonly LinkState[], isProven: boolean): LinkState {
  if (isProven) return { link, state: 'done', says: link.done(situation) ?? 'A later link shows it.' };
  const finding = findingOf(link.rules, situation);
  const by = blockerOf(link, before, finding?.rule.standsAlone === true);
  if (finding !== undefined) {
    if (finding.rule.finds === 'good') return { link, state: 'done', says: finding.match.verdict, finding };
    if (by !== null) return { link, state: 'blocked', by, finding };
    return { link, state: finding.rule.finds === 'step' ? 'waiting' : 'broken', finding };
  }
  const says = link.done(situation);
  if (says !== null) return { link, state: 'done', says };
  if (by !== null) return { link, state: 'blocked', by };
  return { link, state: 'not seen', why: link.unseen?.(situation) ?? 'Nothing shows its state yet.' };
}

function findingOf(rules: readonly Rule[], situation: Situation): Finding | undefined {
  for (const rule of rules) {
    const match = rule.look(situation);
    if (match !== null) return { rule, match };
  }
  return undefined;
}

/** The first link that a link needs, directly or through another, and that does not hold. */
function blockerOf(link: Link, before: readonly LinkState[], standsAlone: boolean): LinkId | null {
  for (const state of before) {
    if (!link.needs.includes(state.link.id)) continue;
    if (state.state === 'broken' || (state.state === 'waiting' && !standsAlone)) return state.link.id;
    if (state.state === 'blocked') {
      const root = before.find((each) => each.link.id === state.by);
      if (root?.state !== 'waiting' || !standsAlone) return state.by;
    }
  }
  return null;
}
