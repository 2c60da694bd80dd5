import { join } from 'node:path';
import { controlPlane, isPart } from '../diagnosis/control-plane.ts';
import { faultLabel, labelled, labelledForFault } from '../environment/run-label.ts';
import { certificateResource, challengeResource, secretWrittenFor } from '../kube/cert-manager-objects.ts';
import { conditionsOf } from '../kube/conditions.ts';
import { issueAgain } from '../kube/issue-again.ts';
import { type KubeObject, type ObjectRef, refOf } from '../kube/kube-object.ts';
import { readManifest } from '../kube/manifests.ts';
import { objectWhere, predicateOn, type UntilOptions } from '../kube/until.ts';
import { scaled } from '../time-scale.ts';
import type { CureStep } from './cure.ts';
import type { StandaloneFault } from './fault.ts';
import { certificateOf, type FaultPlace, filled, namespaceOf, placeholdersOf, pointHost } from './fault-place.ts';

const readyWithinMs = 240_000;
const goneWithinMs = 120_000;
/** The Gateway and the ReferenceGrant that serve the Secret of a fault which does not serve it itself. */
export const servingManifest = join(import.meta.dirname, '..', '..', 'fixtures', 'shared', 'fault-serving.yaml');

type Values = Readonly<Record<string, string>>;

/**
 * Stages a fault in a namespace and with a host of its own; both are named for it. Resolves when its objects are stored and what
 * must be there before them is there; the symptom comes later.
 *
 * @throws TimeoutError, KubeError
 */
export async function stageFault(fault: StandaloneFault, place: FaultPlace): Promise<void> {
  const { signal } = place;
  const { manifest, before, servesItself, address = 'gateway' } = fault.onItsOwn;
  const values = await placeholdersOf(fault, place);
  // A Service of its own has an address only once it is there.
  const isOfService = typeof address === 'object' && 'service' in address;
  if (!isOfService) await pointHost(fault, place, address, values);
  const apply = (objects: readonly KubeObject[]) => applyLabelled(objects, fault, place);
  await apply([{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespaceOf(fault) } }]);
  if (before !== undefined) {
    const first = await readManifest(before.manifest, values);
    await apply(first);
    await Promise.all(first.map((object) => settled(object, before.certificates ?? 'Ready', place)));
  }
  if (servesItself !== true) await apply(await readManifest(servingManifest, values));
  const objects = await readManifest(manifest, values);
  const { namespace, name } = certificateOf(fault, place);
  const isTraced = ({ kind, metadata }: KubeObject) =>
    kind === 'Certificate' && metadata.name === name && metadata.namespace === namespace;
  await apply(objects.filter((object) => !isTraced(object)));
  if (isOfService) await pointHost(fault, place, address, values);
  signal?.throwIfAborted();
  await apply(objects.filter(isTraced));
}

async function applyLabelled(
  objects: readonly KubeObject[],
  { id }: StandaloneFault,
  { kube, run }: FaultPlace,
): Promise<void> {
  const ofFault = objects.map((object) => labelledForFault(object, id));
  await kube.apply(run === undefined ? ofFault : ofFault.map((object) => labelled(object, run)));
}

/** Does what the cure of a fault says, step by step. @throws TimeoutError, KubeError */
export async function cureFault(fault: StandaloneFault, place: FaultPlace): Promise<void> {
  const values = await placeholdersOf(fault, place);
  for (const step of fault.cure?.steps ?? []) await doStep(step, fault, place, values);
}

async function doStep(step: CureStep, fault: StandaloneFault, place: FaultPlace, values: Values): Promise<void> {
  const { kube, signal } = place;
  if ('apply' in step) {
    await applyLabelled(await readManifest(step.apply, values), fault, place);
  } else if ('remove' in step) await kube.remove(refFilled(step.remove, values));
  else if ('pointHostAt' in step) await pointHost(fault, place, step.pointHostAt, values);
  else {
    const ref = { ...certificateResource, ...certificateOf(fault, place) };
    const certificate = await kube.get(ref, signal);
    if (certificate !== undefined) await issueAgain(kube, certificate, signal);
  }
}

/**
 * Removes everything that was staged for a fault and its cure, and takes the addresses of its host away.
 *
 * @throws the first refusal, once all that may be removed is removed
 */
export async function endFault(fault: StandaloneFault, place: FaultPlace): Promise<void> {
  const { kube, environment } = place;
  const values = await placeholdersOf(fault, place);
  const files = [...manifestsOf(fault), ...(fault.onItsOwn.servesItself === true ? [] : [servingManifest])];
  const objects = (await Promise.all(files.map((file) => readManifest(file, values)))).flat();
  const own = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespaceOf(fault) } };
  // The Certificates first: what cert-manager does for them ends with them, while the Issuer is still there.
  const certificates = objects.filter(({ kind }) => kind === 'Certificate');
  const namespaces = new Set([...objects.filter(({ kind }) => kind === 'Namespace'), own].map(nameOf));
  const refused: unknown[] = [];
  // What may not be removed must not keep the rest.
  const attempt = async (removal: Promise<unknown>): Promise<void> => {
    await removal.catch((error: unknown) => refused.push(error));
  };
  for (const certificate of certificates) {
    const removal = kube.remove(refOf(certificate), { propagation: 'Foreground' });
    // Those in its own namespaces end with them.
    await (namespaces.has(certificate.metadata.namespace ?? '') ? removal.catch(() => {}) : attempt(removal));
  }
  const elsewhere = objects.filter(
    ({ kind, metadata }) => kind !== 'Namespace' && !namespaces.has(metadata.namespace ?? ''),
  );
  await Promise.all(elsewhere.map((object) => attempt(kube.remove(refOf(object)))));
  // cert-manager leaves the Secrets that it wrote.
  const removeWritten = async (object: KubeObject): Promise<void> => {
    const name = secretWrittenFor(object);
    if (name === undefined) return;
    const namespace = object.metadata.namespace ?? (await namespaceOfCertManager(place));
    if (namespace !== undefined) await kube.remove({ apiVersion: 'v1', kind: 'Secret', namespace, name });
  };
  await Promise.all(elsewhere.map((object) => attempt(removeWritten(object))));
  await Promise.all([...namespaces].map((name) => attempt(kube.remove({ apiVersion: 'v1', kind: 'Namespace', name }))));
  await environment.setAddresses(values.host ?? '', []);
  if (refused.length > 0) throw refused[0];
}

/** Where cert-manager keeps the Secrets of ClusterIssuers by default: its own namespace. */
async function namespaceOfCertManager({ kube }: FaultPlace): Promise<string | undefined> {
  const labelSelector = controlPlane.controller.label.join('=');
  const found = await kube.list({ apiVersion: 'apps/v1', kind: 'Deployment', labelSelector });
  return found.find((deployment) => isPart(deployment, controlPlane.controller))?.metadata.namespace;
}

/** Waits until the namespaces of a fault that was ended are gone, so that it can be staged anew. @throws TimeoutError */
export async function untilGone(fault: StandaloneFault, place: FaultPlace): Promise<void> {
  const { kube, signal } = place;
  const own = namespaceOf(fault);
  const isOwn = ({ metadata: { name, labels } }: KubeObject) => name === own || labels?.[faultLabel] === fault.id;
  await kube.waitFor(
    { apiVersion: 'v1', kind: 'Namespace' },
    (namespaces: readonly KubeObject[]) => (namespaces.some(isOwn) ? undefined : true),
    {
      what: `the namespace ${own} to be gone`,
      withinMs: scaled(goneWithinMs),
      ...(signal === undefined ? {} : { signal }),
    },
  );
}

/** The files of a fault itself, those of its cure included. */
export function manifestsOf({ onItsOwn, cure }: StandaloneFault): readonly string[] {
  const { manifest, before } = onItsOwn;
  const ofCure = (cure?.steps ?? []).flatMap((step) => ('apply' in step ? [step.apply] : []));
  return [...(before === undefined ? [] : [before.manifest]), manifest, ...ofCure];
}

function nameOf({ metadata }: KubeObject): string {
  return metadata.name;
}

function refFilled({ namespace, name, ...kind }: ObjectRef, values: Values): ObjectRef {
  const ref = { ...kind, name: filled(name, values) };
  return namespace === undefined ? ref : { ...ref, namespace: filled(namespace, values) };
}

/** Waits until a Deployment is available, a Gateway programmed, and a Certificate Ready or its Challenge presented. */
async function settled(
  object: KubeObject,
  certificates: 'Ready' | 'presented',
  { kube, signal }: FaultPlace,
): Promise<void> {
  const { apiVersion, kind, metadata } = object;
  const { namespace = '', name } = metadata;
  const until = (what: string): UntilOptions => ({
    what: `${kind} ${namespace}/${name} ${what}`,
    withinMs: scaled(readyWithinMs),
    ...(signal === undefined ? {} : { signal }),
  });
  if (kind === 'Certificate' && certificates === 'presented') {
    const isOwn = (challenge: KubeObject) => challenge.metadata.name.startsWith(`${name}-`);
    const isPresented = ({ status }: KubeObject) => (status as { presented?: boolean } | undefined)?.presented === true;
    const selection = { ...challengeResource, namespace };
    await kube.waitFor(selection, objectWhere(isOwn, isPresented), until('to have a Challenge that is presented'));
    return;
  }
  const wanted = { Deployment: 'Available', Gateway: 'Programmed', Certificate: 'Ready' }[kind];
  if (wanted === undefined || apiVersion.startsWith('networking.istio.io/')) return;
  const holds = (each: KubeObject) =>
    conditionsOf(each).some(({ type, status }) => type === wanted && status === 'True');
  await kube.waitFor({ apiVersion, kind, namespace }, predicateOn(kind, name, holds), until(`to be ${wanted}`));
}
