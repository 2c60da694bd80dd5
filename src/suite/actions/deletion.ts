import { actionNames } from '../../evidence/action-names.ts';
import { asChallenge, challengeResource } from '../../kube/cert-manager-objects.ts';
import { describeRef, type ObjectRef } from '../../kube/kube-object.ts';
import { gone, objectWhere } from '../../kube/until.ts';
import type { ScenarioContext } from '../context/context.ts';
import { within } from '../context/time-limits.ts';
import { isForHost } from '../context/waits.ts';

/** The kinds that cert-manager makes below a Certificate, and their solvers. */
const made = [
  { apiVersion: 'cert-manager.io/v1', kind: 'CertificateRequest' },
  { apiVersion: 'acme.cert-manager.io/v1', kind: 'Order' },
  { apiVersion: 'acme.cert-manager.io/v1', kind: 'Challenge' },
] as const;
const solverLabel = 'acme.cert-manager.io/http01-solver=true';
const solvers = [
  { apiVersion: 'v1', kind: 'Pod' },
  { apiVersion: 'v1', kind: 'Service' },
  { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress' },
  { apiVersion: 'gateway.networking.k8s.io/v1', kind: 'HTTPRoute' },
] as const;

/** Waits until the solver of the scenario's Challenge is there and cert-manager checks it in vain. @throws TimeoutError */
export async function untilPresented(context: ScenarioContext): Promise<void> {
  const { namespace } = context.subject.certificate;
  await context.wait(
    { ...challengeResource, namespace },
    objectWhere(
      (challenge) => isForHost(context, challenge),
      (challenge) => (asChallenge(challenge)?.status?.reason ?? '') !== '',
    ),
    `the Challenge in ${namespace} to be presented and checked`,
    within.presented,
  );
  context.note(actionNames.presented, namespace);
}

/** Deletes an object, as `kubectl delete` does. */
export async function deleteObject(context: ScenarioContext, ref: ObjectRef): Promise<void> {
  context.note(actionNames.delete, describeRef(ref));
  await context.kube.remove(ref);
}

/** Waits until nothing of the issuance is left in the namespace: no request, order, challenge or solver. @throws TimeoutError */
export async function untilNothingIsLeft(context: ScenarioContext): Promise<void> {
  const { namespace } = context.subject.certificate;
  const selections = [...made, ...solvers.map((kind) => ({ ...kind, labelSelector: solverLabel }))];
  await Promise.all(
    selections.map((selection) =>
      context.wait(
        { ...selection, namespace },
        (left) => (left.length === 0 ? true : undefined),
        `every ${selection.kind} of the issuance in ${namespace} to be gone`,
        within.deleted,
      ),
    ),
  );
  context.note(actionNames.nothingLeft, namespace);
}

/** Waits until a namespace is gone. @throws TimeoutError */
export async function untilNamespaceIsGone(context: ScenarioContext, namespace: string): Promise<void> {
  await context.wait(
    { apiVersion: 'v1', kind: 'Namespace' },
    gone('Namespace', namespace),
    `Namespace ${namespace} to be gone`,
    within.deleted,
  );
  context.note(actionNames.nothingLeft, namespace);
}
