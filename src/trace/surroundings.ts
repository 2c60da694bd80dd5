import { parse } from 'yaml';
import type { MeshFacts, NameRecords } from '../diagnosis/surroundings.ts';
import { probeNames } from '../evidence/probe-names.ts';
import { field, text } from '../issuance/recorded-object.ts';
import type { KubeObject } from '../kube/kube-object.ts';
import type { ClusterView } from './cluster-view.ts';
import type { Outside } from './outside.ts';

const probeWithinMs = 3_000;
/** A public suffix has no records that a CA asks for, and most names have fewer labels than this. */
const mostLabels = 6;

/** Istio's mesh configuration, from the ConfigMap of the istiod that runs; null where none was seen. */
export async function readMesh(view: ClusterView): Promise<MeshFacts | null> {
  const istiods = await view.list({ apiVersion: 'v1', kind: 'Pod', labelSelector: 'app=istiod' });
  for (const pod of istiods) {
    const revision = pod.metadata.labels?.['istio.io/rev'] ?? 'default';
    const namespace = pod.metadata.namespace ?? 'istio-system';
    const name = revision === 'default' ? 'istio' : `istio-${revision}`;
    const found = await view.peek({ apiVersion: 'v1', kind: 'ConfigMap', namespace, name });
    if (found !== undefined) return meshOf(found, namespace);
  }
  return null;
}

function meshOf(configMap: KubeObject, istiodNamespace: string): MeshFacts {
  const mesh = parsed(text(field(configMap, 'data'), 'mesh') ?? '');
  return {
    source: `${configMap.metadata.namespace}/${configMap.metadata.name}`,
    ingressSelector: text(mesh, 'ingressSelector') ?? '',
    ingressService: text(mesh, 'ingressService') ?? 'istio-ingressgateway',
    ingressClass: text(mesh, 'ingressClass') ?? 'istio',
    ingressControllerMode: text(mesh, 'ingressControllerMode') ?? 'STRICT',
    rootNamespace: text(mesh, 'rootNamespace') ?? istiodNamespace,
  };
}

function parsed(yaml: string): unknown {
  try {
    return parse(yaml);
  } catch {
    return null;
  }
}

/** The kind that issuerRef names, where the API server does not have it. */
export async function absentKinds(view: ClusterView, certificate: KubeObject): Promise<readonly string[]> {
  const kind = text(certificate, 'spec', 'issuerRef', 'kind') ?? 'Issuer';
  const group = text(certificate, 'spec', 'issuerRef', 'group') ?? 'cert-manager.io';
  const versions = await view.versionsOf(group);
  if (versions === null) return [];
  const there = await Promise.all(versions.map((version) => view.has({ apiVersion: `${group}/${version}`, kind })));
  return there.includes(true) ? [] : [`${kind}.${group}`];
}

/** CNAME of the host, and the CAA and NS records of the closest name above it that has some (RFC 8659, section 3). */
export async function nameRecords(
  outside: Outside,
  host: string,
  servers: readonly string[],
): Promise<readonly NameRecords[]> {
  if (host === '') return [];
  const labels = host.split('.');
  const names = labels.slice(0, -1).map((_, index) => labels.slice(index).join('.'));
  const ask = async (name: string, type: NameRecords['type']): Promise<NameRecords> => {
    const { outcome } = await outside.dns({
      ...{ name: probeNames.diagnosisDns, servers: [...servers], host: name, type, withinMs: probeWithinMs },
    });
    return { host: name, type, records: 'records' in outcome ? outcome.records : [] };
  };
  const [cname, caa, ns] = await Promise.all([
    ask(host, 'CNAME'),
    Promise.all(names.slice(0, mostLabels).map((name) => ask(name, 'CAA'))),
    Promise.all(names.slice(0, mostLabels).map((name) => ask(name, 'NS'))),
  ]);
  const closest = (found: readonly NameRecords[]) => found.find(({ records }) => records.length > 0) ?? [];
  return [cname.records.length > 0 ? cname : [], closest(caa), closest(ns)].flat();
}
