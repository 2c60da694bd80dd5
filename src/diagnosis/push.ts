import { list, text } from '../issuance/recorded-object.ts';
import type { CurrentObject, Situation, WaitingChallenge } from './situation.ts';

/** Until istiod has taken up a new object and every gateway has what follows from it, on a busy cluster. */
export const longestPushMs = 30_000;

/** Whether one of some objects is so new that gateways need not know of it yet. */
export function isOnItsWay(objects: readonly CurrentObject[], situation: Situation): boolean {
  return objects.some((object) => isRecent(text(object, 'metadata', 'creationTimestamp'), situation));
}

/** When the Certificate became Ready, ISO 8601; null where it is not, or does not say. */
export function readySince({ certificate }: Situation): string | null {
  const ready = list(certificate, 'status', 'conditions').find((each) => text(each, 'type') === 'Ready');
  return text(ready, 'status') === 'True' ? text(ready, 'lastTransitionTime') : null;
}

/** Whether a time, ISO 8601, is so near that gateways need not know yet what changed then. */
export function isRecent(at: string | null, { now }: Situation): boolean {
  return at !== null && now < Date.parse(at) + longestPushMs;
}

/** Whether a time is so soon after the birth of a solver's route that the gateway need not have it, or there is no route yet. */
export function isBeforePush(time: number, { routes }: WaitingChallenge, situation: Situation): boolean {
  if (routes.length === 0) return !situation.couldNotSee('Ingress') && !situation.couldNotSee('HTTPRoute');
  return routes.some((route) => time < Date.parse(text(route, 'metadata', 'creationTimestamp') ?? '') + longestPushMs);
}
