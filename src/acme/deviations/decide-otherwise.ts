import { succeeded } from '../client/answer.ts';
import { type JsonObject, withHeader, withJson } from './answer-change.ts';
import type { Conversation } from './conversation.ts';
import type { Deviation } from './deviation.ts';

/**
 * Deviations in how challenges are validated. A proxy does not see what a CA looks at during a validation, so names decide
 * which decision is changed: each check has a name of its own, whose first label says what it tries.
 */

/** Whether to change the decision on a host by a type of challenge. */
export type WhichDecision = (host: string, type: string) => boolean;

export function ofNames(...labels: readonly string[]): WhichDecision {
  return (host) => labels.some((label) => host.startsWith(`${label}.`));
}

/** Decisions on IP addresses by a type of challenge. */
export function ofAddresses(type: string): WhichDecision {
  return (host, by) => by === type && /^[\d.]+$|:/.test(host);
}

type ChangeChallenge = (challenge: JsonObject) => JsonObject;

/** Changes decided challenges, and their authorizations, wherever they are shown. */
export function changeDecisions(which: WhichDecision, change: ChangeChallenge): Deviation['apply'] {
  return async (request, forward, conversation) => {
    const answer = await forward(request);
    if (!succeeded(answer)) return answer;
    if (conversation.isFor(request, 'challenge')) {
      const host = hostOfAuthorization(conversation, conversation.parentOf(request.url));
      return withJson(answer, (challenge) => (isDecided(challenge, host, which) ? change(challenge) : challenge));
    }
    if (!conversation.isFor(request, 'authorization')) return answer;
    return withJson(answer, (authorization) => {
      const host = identifierOf(authorization);
      const before = (authorization.challenges ?? []) as readonly JsonObject[];
      const challenges = before.map((one) => (isDecided(one, host, which) ? change(one) : one));
      const changed = challenges.find((one, index) => one.status !== before[index]?.status);
      return { ...authorization, challenges, ...(changed ? { status: changed.status } : {}) };
    });
  };
}

function isDecided({ status, type }: JsonObject, host: string, which: WhichDecision): boolean {
  return (status === 'valid' || status === 'invalid') && which(host, String(type));
}

function identifierOf({ identifier }: JsonObject): string {
  return String((identifier as { readonly value?: unknown } | undefined)?.value ?? '');
}

function hostOfAuthorization(conversation: Conversation, url: string | undefined): string {
  const answer = url === undefined ? undefined : conversation.lastGood(url);
  return answer === undefined ? '' : identifierOf(JSON.parse(answer.body) as JsonObject);
}

function problem(type: string): JsonObject {
  return { type: `urn:ietf:params:acme:error:${type}`, detail: 'refused', status: 403 };
}

/** Makes valid challenges invalid. */
export function refuse(which: WhichDecision, type = 'unauthorized'): Deviation['apply'] {
  return changeDecisions(which, ({ validated: _, ...challenge }) => ({
    ...challenge,
    status: 'invalid',
    error: challenge.error ?? problem(type),
  }));
}

/** Makes invalid challenges valid. */
export function accept(which: WhichDecision): Deviation['apply'] {
  return changeDecisions(which, ({ error: _, ...challenge }) => ({
    ...challenge,
    status: 'valid',
    validated: challenge.validated ?? new Date().toISOString(),
  }));
}

/** Changes the error type of failed validations. */
export function tellAs(which: WhichDecision, type: string): Deviation['apply'] {
  return changeDecisions(which, (challenge) =>
    challenge.status === 'invalid' ? { ...challenge, error: { ...problem(type) } } : challenge,
  );
}

/** Reports failed validations as malformed. */
export const tellAsMalformed = (which: WhichDecision): Deviation['apply'] => tellAs(which, 'malformed');

/** A deviation in how the names of one check are decided. */
interface DecisionDeviation {
  readonly name: string;
  readonly describes: string;
  readonly rfc: number;
  readonly section: string;
  /** The check that it turns red. */
  readonly breaks: string;
  /** The first label of the names of the check. Default: the id of the check. */
  readonly label?: string;
}

type HowToDecide = (which: WhichDecision) => Deviation['apply'];

/** Makes a deviation of a decision: `decision(refuse, { … })`. */
export function decision(how: HowToDecide, { label, ...deviation }: DecisionDeviation): Deviation {
  return { ...deviation, breaks: [deviation.breaks], apply: how(ofNames(label ?? deviation.breaks)) };
}

/** Changes Retry-After of undecided challenges and authorizations. */
export function askToWait(which: WhichDecision, seconds: number): Deviation['apply'] {
  return async (request, forward, conversation) => {
    const answer = await forward(request);
    const url = conversation.isFor(request, 'challenge') ? conversation.parentOf(request.url) : request.url;
    const isOpen = conversation.isFor(request, 'challenge', 'authorization') && answer.body.includes('"pending"');
    return succeeded(answer) && isOpen && which(hostOfAuthorization(conversation, url), '')
      ? withHeader(answer, 'retry-after', String(seconds))
      : answer;
  };
}
