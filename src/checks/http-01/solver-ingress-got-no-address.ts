import { actionNames } from '../../evidence/action-names.ts';
import type { ObjectHistory } from '../../evidence/evidence.ts';
import { list, nameOf, text } from '../../issuance/recorded-object.ts';
import { ingressClassCreatedAt, isBefore } from '../../issuance/scenario-moments.ts';
import { type Check, failed, passed } from '../check.ts';
import { withoutChallenge } from '../without-challenge.ts';

/** For the scenario missing-ingress-class: a controller that serves an Ingress writes its address into the status. */
export const solverIngressGotNoAddress: Check = {
  id: 'solver-ingress-got-no-address',
  asserts: "Before the IngressClass was created, no controller gave any Challenge's solver Ingress an address.",
  judge(evidence, issuance) {
    if (issuance.routeKind !== 'Ingress') {
      return failed('The solver of this subject is gateway-httproute, so there is no solver Ingress to judge.');
    }
    if (issuance.challenges.length === 0) return withoutChallenge(evidence, issuance);
    const moment = ingressClassCreatedAt(evidence);
    const limit = moment === null ? '' : ` before ${actionNames.createIngressClass} (${moment})`;

    const defects: string[] = [];
    const seen: string[] = [];
    for (const { history, routes } of issuance.challenges) {
      const early = routes.filter((ingress) =>
        statesBefore(ingress, moment).some((state) => state.change !== 'deleted'),
      );
      if (early.length === 0) defects.push(`No solver Ingress of ${nameOf(history)} was recorded${limit}.`);
      for (const ingress of early) {
        const addressed = statesBefore(ingress, moment).find((state) => addressesOf(state.object).length > 0);
        if (addressed === undefined) seen.push(`${nameOf(ingress)} (${describeClass(ingress)})`);
        else {
          defects.push(
            `${nameOf(ingress)} (${describeClass(ingress)}) should have had no address${limit}, but had ${addressesOf(addressed.object).join(', ')} at ${addressed.at}.`,
          );
        }
      }
    }
    if (defects.length > 0) return failed(defects.join(' '));
    return passed(`No address${limit}: ${seen.join(', ')}.`);
  },
};

function statesBefore(history: ObjectHistory, moment: string | null): ObjectHistory['states'] {
  return history.states.filter((state) => isBefore(state.at, moment));
}

function addressesOf(ingress: unknown): readonly string[] {
  return list(ingress, 'status', 'loadBalancer', 'ingress').map(
    (entry) => text(entry, 'ip') ?? text(entry, 'hostname') ?? 'an entry without ip and hostname',
  );
}

/** The class by which an Ingress selects its controller. */
function describeClass(history: ObjectHistory): string {
  const object = history.states[0]?.object;
  const name =
    text(object, 'spec', 'ingressClassName') ?? text(object, 'metadata', 'annotations', 'kubernetes.io/ingress.class');
  return name === null ? 'no class' : `class ${name}`;
}
