import { rm } from 'node:fs/promises';
import { certificateResource, issuerResource, secretWrittenFor } from '../../kube/cert-manager-objects.ts';
import type { KubeClient } from '../../kube/client.ts';
import { describeRef, type KubeObject, type ObjectRef, refOf } from '../../kube/kube-object.ts';
import { gone } from '../../kube/until.ts';
import { withoutServerFields } from '../../kube/without-server-fields.ts';
import { removeDns01 } from '../remove-dns01.ts';
import { faultLabel, runLabel } from '../run-label.ts';
import { runDnsHook } from './dns-hook.ts';
import { listIfServed } from './list-if-served.ts';
import { platformNamespaces, removeInstalled } from './remove-installed.ts';
import { type RunRecord, removeRunRecord } from './run-record.ts';

const goneWithinMs = 120_000;
/** The use case's objects in the gateway's namespace, in order of removal: otherwise cert-manager would recreate Secrets. */
const inGatewayNamespace = [certificateResource, issuerResource] as const;

/** What faults have outside their own namespaces besides: in the gateway's namespace and for the whole cluster. */
const ofFaults = [
  { apiVersion: 'gateway.networking.k8s.io/v1', kind: 'Gateway' },
  { apiVersion: 'security.istio.io/v1', kind: 'AuthorizationPolicy' },
  { apiVersion: 'cert-manager.io/v1', kind: 'ClusterIssuer', clusterScoped: true },
  { apiVersion: 'admissionregistration.k8s.io/v1', kind: 'ValidatingAdmissionPolicyBinding', clusterScoped: true },
  { apiVersion: 'admissionregistration.k8s.io/v1', kind: 'ValidatingAdmissionPolicy', clusterScoped: true },
  { apiVersion: 'admissionregistration.k8s.io/v1', kind: 'ValidatingWebhookConfiguration', clusterScoped: true },
] as const;

/**
 * Removes everything that a run created in a cluster, found by the run's label, waits until it is gone, and deletes the run's
 * record. It touches nothing else and tolerates objects that are already gone.
 *
 * @throws KubeError, TimeoutError naming what is left; the record stays for a retry
 */
export async function sweep(kube: KubeClient, record: RunRecord): Promise<void> {
  const { run, gatewayNamespace: namespace } = record;
  const labelSelector = `${runLabel}=${run}`;
  const { installed, dnsUpdates } = record;
  if (dnsUpdates) await removeTxtRecords(kube, [namespace], labelSelector);
  const ofFaultsHere = new Set<string | undefined>();
  for (const kind of inGatewayNamespace) {
    // These kinds are absent if the installation of cert-manager failed.
    const found = await listIfServed(kube, { ...kind, namespace, labelSelector });
    await removeAll(kube, found);
    for (const object of found.filter(isOfFault)) ofFaultsHere.add(secretWrittenFor(object));
  }
  // cert-manager's objects lack the label, but their names have the same suffix as all objects of the run here.
  const secrets = await kube.list({ apiVersion: 'v1', kind: 'Secret', namespace });
  const isOfRun = ({ metadata: { name, labels } }: KubeObject) =>
    labels?.[runLabel] === run || name.endsWith(run.replace(/^run/, '')) || ofFaultsHere.has(name);
  await removeAll(kube, secrets.filter(isOfRun));
  const namespaces = await kube.list({ apiVersion: 'v1', kind: 'Namespace', labelSelector });
  if (dnsUpdates) {
    const names = namespaces.map(({ metadata }) => metadata.name);
    await removeTxtRecords(kube, names, labelSelector);
  }
  if (namespaces.some(isOfFault)) {
    for (const kind of ofFaults) {
      const place = 'clusterScoped' in kind ? {} : { namespace };
      await removeAll(
        kube,
        await listIfServed(kube, { apiVersion: kind.apiVersion, kind: kind.kind, ...place, labelSelector }),
      );
    }
  }
  await removeAll(
    kube,
    namespaces.filter(({ metadata }) => installed === null || !platformNamespaces.includes(metadata.name)),
  );
  // Those that the control plane alone has, after an interruption, and those whose removal is under way there.
  const { istio } = kube;
  if (istio !== null) await removeAll(istio, await istio.list({ apiVersion: 'v1', kind: 'Namespace', labelSelector }));
  if (installed !== null) await removeInstalled(kube, run, installed);
  await restoreIngressClass(kube, record.ingressClass as KubeObject | null);
  if (record.dnsHook !== null) {
    for (const host of record.hosts) await runDnsHook(record.dnsHook, host, []);
  }
  await rm(record.scratch, { recursive: true, force: true });
  await removeRunRecord(run);
}

function isOfFault({ metadata: { labels = {} } }: KubeObject): boolean {
  return faultLabel in labels;
}

/** Removed before the Issuer and the Secret with the TSIG key, because cert-manager needs both for the clean-up. */
async function removeTxtRecords(kube: KubeClient, namespaces: readonly string[], labelSelector: string): Promise<void> {
  await Promise.all(
    namespaces.map(async (namespace) => {
      for (const { metadata } of await listIfServed(kube, { ...certificateResource, namespace, labelSelector })) {
        const reference = { namespace, name: metadata.name };
        const what = `every Challenge of ${namespace}/${metadata.name} to be gone`;
        await removeDns01(kube, reference, { what, withinMs: goneWithinMs, onWait: () => {} });
      }
    }),
  );
}

async function removeAll(kube: KubeClient, objects: readonly KubeObject[]): Promise<void> {
  await Promise.all(objects.map((object) => removeAndWait(kube, refOf(object))));
}

async function removeAndWait(kube: KubeClient, ref: ObjectRef): Promise<void> {
  await kube.remove(ref);
  const { apiVersion, kind, name, namespace } = ref;
  await kube.waitFor({ apiVersion, kind, ...(namespace === undefined ? {} : { namespace }) }, gone(kind, name), {
    what: `${describeRef(ref)} to be gone`,
    withinMs: goneWithinMs,
  });
}

/** Only if a scenario removed it and did not recreate it. */
async function restoreIngressClass(kube: KubeClient, was: KubeObject | null): Promise<void> {
  if (was === null || (await kube.get(refOf(was))) !== undefined) return;
  await kube.apply([withoutServerFields(was)]);
}
