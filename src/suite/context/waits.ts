import { actionNames } from '../../evidence/action-names.ts';
import { issuerKind } from '../../issuance/issuer-kind.ts';
import { refusalIn } from '../../issuance/refusal-words.ts';
import {
  asChallenge,
  certificateResource,
  challengeResource,
  issuerResource,
} from '../../kube/cert-manager-objects.ts';
import type { KubeObject } from '../../kube/kube-object.ts';
import { conditionTrue, objectWhere } from '../../kube/until.ts';
import { certificateReady } from './certificate-ready.ts';
import type { ScenarioContext } from './context.ts';
import { within } from './time-limits.ts';

/** Waits until the scenario's Issuer is Ready. @throws TimeoutError */
export async function untilIssuerReady(context: ScenarioContext): Promise<void> {
  const { namespace, name } = context.subject.issuer;
  const kind = issuerKind(context.subject);
  await context.wait(
    { ...issuerResource, kind, ...(namespace === '' ? {} : { namespace }) },
    conditionTrue(kind, name, 'Ready'),
    `${kind} ${namespace}/${name} to be Ready`,
    within.issuerReady,
  );
  context.note(actionNames.ready, `${kind}/${namespace}/${name}`);
}

/** Waits until the scenario's Certificate is Ready. @throws TimeoutError; an Error with the CA's words where its Order errored */
export async function untilCertificateReady(context: ScenarioContext): Promise<void> {
  const { namespace, name } = context.subject.certificate;
  await context.wait(
    { ...certificateResource, namespace },
    certificateReady(`${namespace}/${name}`),
    `Certificate ${namespace}/${name} to be Ready`,
    context.certificateWithinMs,
  );
  context.note(actionNames.ready, `Certificate/${namespace}/${name}`);
}

/** Waits until there is an Order in the namespace of the scenario's Certificate. @throws TimeoutError */
export async function untilOrder(context: ScenarioContext): Promise<void> {
  const { namespace, name } = context.subject.certificate;
  await context.wait(
    { apiVersion: 'acme.cert-manager.io/v1', kind: 'Order', namespace },
    (orders) => orders.find(({ metadata }) => metadata.name.startsWith(`${name}-`)),
    `an Order of Certificate ${namespace}/${name}`,
    within.available,
  );
}

/** Waits until a Challenge of the scenario's host gives a reason that contains the words. @throws TimeoutError */
export async function untilChallengeReason(context: ScenarioContext, words: string, withinMs: number): Promise<void> {
  const { namespace } = context.subject.certificate;
  await context.wait(
    { ...challengeResource, namespace },
    objectWhere(
      (challenge) => isForHost(context, challenge),
      (challenge) => asChallenge(challenge)?.status?.reason?.includes(words) === true,
    ),
    `the Challenge in ${namespace} to say "${words}"`,
    withinMs,
  );
  context.note(actionNames.challengeReason, words);
}

/** Waits until the refusal is there that the scenario expects. @throws TimeoutError */
export async function untilRefused(context: ScenarioContext): Promise<void> {
  const { expects, issuer, certificate } = context.subject;
  if (expects?.refusal === undefined) throw new Error('the scenario expects no refusal');
  const { by, says } = expects.refusal;
  const isIssuer = by === 'Issuer' || by === 'ClusterIssuer';
  const { namespace, name } = isIssuer ? issuer : certificate;
  // cert-manager names an Order for its Certificate, and an Event is named for its object.
  const isIt = ({ metadata }: KubeObject) =>
    by === 'Event' ? metadata.name.startsWith(`${name}-`) : metadata.name === name;
  await context.wait(
    {
      apiVersion: by === 'Event' ? 'v1' : 'cert-manager.io/v1',
      kind: by,
      ...(by === 'ClusterIssuer' ? {} : { namespace }),
    },
    objectWhere(isIt, (object) => says.some((words) => refusalIn(by, object)?.includes(words) === true)),
    `${by} ${name} to be refused with ${says.map((words) => JSON.stringify(words)).join(' or ')}`,
    context.certificateWithinMs,
  );
  context.note(actionNames.refused, `${by}/${name}`);
}

/** Whether an object is a Challenge for the scenario's host. */
export function isForHost({ parts }: ScenarioContext, object: KubeObject): boolean {
  return asChallenge(object)?.spec?.dnsName === parts.names.host;
}

/** Waits until every Challenge of the scenario's Certificate is gone: with them go their TXT records. @throws TimeoutError */
export async function untilChallengesGone(context: ScenarioContext): Promise<void> {
  const { namespace, name } = context.subject.certificate;
  await context.wait(
    { ...challengeResource, namespace },
    (left) => (left.some(({ metadata }) => metadata.name.startsWith(`${name}-1-`)) ? undefined : true),
    `every Challenge of ${namespace}/${name} to be gone`,
    within.challengesGone,
  );
}

/** Whether a Challenge of the scenario's Certificate owns an object: cert-manager names it for the Certificate, at most 52 letters of it. */
function isSolverOf({ subject }: ScenarioContext, { metadata }: KubeObject): boolean {
  const beginning = subject.certificate.name.slice(0, 40);
  const isOwn = new RegExp(beginning.length < 40 ? `^${beginning}-\\d+-` : `^${beginning}`);
  return metadata.ownerReferences?.some(({ kind, name }) => kind === 'Challenge' && isOwn.test(name)) ?? false;
}

/** Waits until every solver object of the scenario's own HTTP-01 Challenges is gone. @throws TimeoutError */
export async function untilSolverGone(context: ScenarioContext): Promise<void> {
  const { namespace } = context.subject.certificate;
  const resources = [
    { apiVersion: 'v1', kind: 'Pod' },
    { apiVersion: 'v1', kind: 'Service' },
    context.subject.solver === 'ingress'
      ? { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress' }
      : { apiVersion: 'gateway.networking.k8s.io/v1', kind: 'HTTPRoute' },
  ];
  await Promise.all(
    resources.map((resource) =>
      context.wait(
        { ...resource, namespace, labelSelector: 'acme.cert-manager.io/http01-solver=true' },
        (left) => (left.some((object) => isSolverOf(context, object)) ? undefined : true),
        `every solver ${resource.kind} in ${namespace} to be gone`,
        within.solverGone,
      ),
    ),
  );
  context.note(actionNames.solverGone, namespace);
}
