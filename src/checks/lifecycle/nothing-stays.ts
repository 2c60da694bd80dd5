import { actionNames } from '../../evidence/action-names.ts';
import type { ObjectHistory } from '../../evidence/evidence.ts';
import { deletion, nameOf } from '../../issuance/recorded-object.ts';
import { type Check, failed, passed } from '../check.ts';

/** What is left would hold its namespace for ever (a finalizer), or go on answering for a host (a solver's route). */
export const nothingStays: Check = {
  id: 'nothing-stays',
  asserts:
    'When the issuance was taken away in mid-challenge, its CertificateRequest, Order, Challenge and solver objects had been there, and all of them went.',
  judge({ actions }, { requests, replaced, routeKind }) {
    const deleted = actions.filter(({ name }) => name === actionNames.delete);
    const [first] = deleted;
    if (first === undefined) return failed('The evidence has no action by which something was deleted.');
    const all = [...requests, ...replaced];
    const orders = all.flatMap((request) => request.orders);
    const challenges = orders.flatMap((order) => order.challenges);
    const objects: readonly (readonly [kind: string, histories: readonly ObjectHistory[]])[] = [
      ['CertificateRequest', all.map(({ history }) => history)],
      ['Order', orders.map(({ history }) => history)],
      ['Challenge', challenges.map(({ history }) => history)],
      ['solver Pod', challenges.flatMap(({ pods }) => pods)],
      ['solver Service', challenges.flatMap(({ services }) => services)],
      [`solver ${routeKind}`, challenges.flatMap(({ routes }) => routes)],
    ];
    const missing = objects.flatMap(([kind, histories]) =>
      histories.some(({ states }) => states.some(({ at, change }) => change !== 'deleted' && at <= first.at))
        ? []
        : kind,
    );
    if (missing.length > 0)
      return failed(
        `Before ${first.detail} was deleted at ${first.at} there was no ${missing.join(', no ')}: nothing was in mid-challenge.`,
      );
    const left = objects.flatMap(([, histories]) => histories.filter((history) => deletion(history) === undefined));
    if (left.length > 0) {
      const shown = left.map((history) => `${nameOf(history)}, last seen at ${history.states.at(-1)?.at}`);
      return failed(
        `After ${deleted.map(({ detail }) => detail).join(' and ')} was deleted, these stayed: ${shown.join('; ')}.`,
      );
    }
    const last = objects
      .flatMap(([, histories]) => histories.flatMap((history) => deletion(history)?.at ?? []))
      .reduce((latest, at) => (at > latest ? at : latest), first.at);
    return passed(
      `${((Date.parse(last) - Date.parse(first.at)) / 1000).toFixed(1)} s after ${first.detail} was deleted, nothing of the issuance was left (${objects.map(([kind, histories]) => `${histories.length} ${kind}`).join(', ')}).`,
    );
  },
};
