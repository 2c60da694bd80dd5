import type { ObjectHistory } from '../../evidence/evidence.ts';
import type { RecordedChallenge } from '../../issuance/issuance.ts';
import { deletion, nameOf } from '../../issuance/recorded-object.ts';
import { type Check, failed, passed } from '../check.ts';
import { withoutChallenge } from '../without-challenge.ts';

/** The solver must have been seen first: its absence proves no clean-up if it never existed. */
export const solverLeftNothing: Check = {
  id: 'solver-left-nothing',
  asserts: 'The solver Pod, Service and Ingress or HTTPRoute of every Challenge were created and then removed.',
  judge(evidence, issuance) {
    if (issuance.challenges.length === 0) return withoutChallenge(evidence, issuance);
    const ofReplaced = issuance.replaced.flatMap(({ orders }) => orders.flatMap(({ challenges }) => challenges));
    const defects = [
      ...issuance.challenges.flatMap((challenge) => challengeDefects(challenge, issuance.routeKind)),
      // An abandoned Challenge may never have had a solver.
      ...ofReplaced.flatMap(({ history, pods, services, routes }) =>
        [...pods, ...services, ...routes].flatMap((solver) => solverDefects(solver, history)),
      ),
    ];
    if (defects.length > 0) return failed(defects.join(' '));
    const names = issuance.challenges.flatMap(({ pods, services, routes }) =>
      [...pods, ...services, ...routes].map(nameOf),
    );
    return passed(`Created and removed: ${names.join(', ')}.`);
  },
};

function challengeDefects(challenge: RecordedChallenge, routeKind: string): string[] {
  const { history, pods, services, routes } = challenge;
  return [
    { kind: 'Pod', solvers: pods },
    { kind: 'Service', solvers: services },
    { kind: routeKind, solvers: routes },
  ].flatMap(({ kind, solvers }) =>
    solvers.length === 0
      ? [`No solver ${kind} of ${nameOf(history)} was recorded.`]
      : solvers.flatMap((solver) => solverDefects(solver, history)),
  );
}

function solverDefects(solver: ObjectHistory, challenge: ObjectHistory): string[] {
  if (!solver.states.some((state) => state.change === 'added')) {
    return [`${nameOf(solver)}, a solver object of ${nameOf(challenge)}, was never seen being created.`];
  }
  if (deletion(solver) === undefined) {
    const last = solver.states.at(-1);
    return [
      `${nameOf(solver)}, a solver object of ${nameOf(challenge)}, should have been removed, but was last seen ${last?.change ?? 'in no state'} at ${last?.at ?? 'no time'}.`,
    ];
  }
  return [];
}
