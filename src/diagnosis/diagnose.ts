import type { Issuance } from '../issuance/issuance.ts';
import { text } from '../issuance/recorded-object.ts';
import { wrongBetweenClusters } from './between-clusters.ts';
import { chain, type LinkState, stateOfLinks } from './chain.ts';
import type { Diagnosis, LinkReport } from './diagnosis.ts';
import { type LinkId, linkIds } from './link-ids.ts';
import { quoted, type Rule, type RuleMatch } from './rule.ts';
import { type DiagnosisInput, Situation } from './situation.ts';

/** Every rule once, in the order of the chain. Two links may ask one rule. */
export const allRules: readonly Rule[] = [
  ...new Map(chain.flatMap(({ rules }) => rules.map((rule) => [rule.id, rule] as const))).values(),
];

/**
 * Finds where an issuance stands and why: the first broken link in the order of cause, else the first that waits, else that
 * nothing is wrong; with the evidence for it and a remedy. What follows from it is a consequence. It never guesses. If no rule
 * recognizes the state, the rule is `unknown`; what could not be looked at is listed in `unseen`.
 *
 * @param issuance the objects of the issuance, where the caller has read them already
 */
export function diagnose(input: DiagnosisInput, issuance?: Issuance): Diagnosis {
  const situation = new Situation(input, issuance);
  const states = stateOfLinks(situation);
  const links = states.map(reported);
  const unseen = [...input.problems];
  const told = new Set(states.flatMap((state) => ('finding' in state ? (state.finding?.rule.id ?? []) : [])));
  const between = wrongBetweenClusters(situation, told);
  const found = withFinding(states);
  if (found === undefined) return { ...unknown(situation, states), alsoBroken: [...between], unseen, links };
  const { link, finding } = found;
  const { rule, match } = finding;
  const verdict = match.remedy === null ? match.verdict : ofRenewal(situation, link.id, rule, match.verdict);
  return {
    rule: rule.id,
    verdict,
    evidence: [...match.evidence],
    remedy: match.remedy,
    unseen,
    link: link.id,
    confidence: match.confidence ?? 'seen',
    consequences: verdictsBeside(match, states, 'blocked'),
    alsoBroken: [...verdictsBeside(match, states, 'broken'), ...between],
    links,
  };
}

type FoundState = Extract<LinkState, { readonly state: 'waiting' | 'broken' | 'done' }> & {
  readonly finding: NonNullable<Extract<LinkState, { readonly state: 'done' }>['finding']>;
};

function withFinding(states: readonly LinkState[]): FoundState | undefined {
  const has =
    (wanted: LinkState['state']) =>
    (state: LinkState): state is FoundState =>
      state.state === wanted && 'finding' in state && state.finding !== undefined;
  return states.find(has('broken')) ?? states.find(has('waiting')) ?? states.find(has('done'));
}

/** The faults of links in a state, once each: two links may ask one rule. */
function verdictsBeside(verdict: RuleMatch, states: readonly LinkState[], wanted: 'blocked' | 'broken'): string[] {
  const found = states.flatMap((state) =>
    state.state === wanted && state.finding?.rule.finds === undefined ? (state.finding?.match.verdict ?? []) : [],
  );
  return [...new Set(found)].filter((each) => each !== verdict.verdict);
}

function unknown(situation: Situation, states: readonly LinkState[]): Omit<Diagnosis, 'unseen' | 'links'> {
  const ready = situation.certificateReady;
  const done = states.findLast(({ state }) => state === 'done');
  const next = states.find(({ state }) => state !== 'done');
  return {
    rule: 'unknown',
    verdict: `No rule recognizes the state of ${situation.certificateName}.`,
    evidence: [
      ...(ready === null ? [] : [`It is Ready ${ready.status} (${ready.reason}: ${ready.message}).`]),
      ...(done === undefined || done.state !== 'done' ? [] : [`Done: ${done.link.title}. ${done.says}`]),
      ...(next === undefined || next.state !== 'not seen' ? [] : [`Not seen: ${next.link.title}. ${next.why}`]),
    ],
    remedy: null,
    confidence: 'unknown',
  };
}

function reported(state: LinkState): LinkReport {
  const { link } = state;
  switch (state.state) {
    case 'done':
      return { link: link.id, title: link.title, state: 'done', says: state.says };
    case 'waiting':
    case 'broken':
      return { link: link.id, title: link.title, state: state.state, says: state.finding.match.verdict };
    case 'blocked':
      return {
        ...{ link: link.id, title: link.title, state: 'blocked', by: state.by },
        says:
          state.finding?.match.verdict ?? `It needs: ${chain.find(({ id }) => id === state.by)?.title ?? state.by}.`,
      };
    case 'not seen':
      return { link: link.id, title: link.title, state: 'not-seen', says: state.why };
  }
}

/** During a renewal the previous certificate is still served: a verdict about the new one says so. */
function ofRenewal(situation: Situation, link: LinkId, { id }: Rule, verdict: string): string {
  const isAfterIssuance = linkIds.indexOf(link) > linkIds.indexOf('secret');
  if (situation.renewal === null || isAfterIssuance || id === 'renewal-failed') return verdict;
  const until = text(situation.certificate, 'status', 'notAfter');
  const present =
    until === null ? 'the present certificate is still in use' : `the present one is valid until ${until}`;
  const what =
    situation.renewal === 'failed'
      ? `The renewal of ${situation.certificateName} failed`
      : `${situation.certificateName} is being renewed`;
  return `${what} (${present}): ${inSentence(quoted(verdict))}.`;
}

/** A sentence for use after a colon. */
function inSentence(sentence: string): string {
  return sentence.replace(/^(?:The|All|No) /, (word) => word.toLowerCase());
}
