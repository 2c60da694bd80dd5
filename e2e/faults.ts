import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { RunningCell } from '../src/environment/cell/cell.ts';
import type { KubeClient } from '../src/kube/client.ts';
import type { KubeObject } from '../src/kube/kube-object.ts';
import { readManifest } from '../src/kube/manifests.ts';
import { conditionTrue } from '../src/kube/until.ts';

const folder = join(import.meta.dirname, '..', 'fixtures', 'faults');
/** Of the CA that demands external account binding, and whom it knows. */
export const externalAccountCa = { port: 14_443, keyId: 'padlock-kid' } as const;

/** A fault as a user makes it, and the rule by which a trace must name it. */
export interface Fault {
  /** The name of its manifest in fixtures/faults. */
  readonly id: string;
  /** Where the host's name points: at the gateway unless this says otherwise. */
  readonly address?: string | null;
  /** Whether the CA is one that demands external account binding. */
  readonly externalAccount?: boolean;
  /** Whether cert-manager tries again without a pause: then it is made only when it is its turn, so as not to hold up the others. */
  readonly isBusy?: boolean;
  /** A Certificate of the manifest that must be Ready before the one that is traced is applied. */
  readonly after?: string;
}

/** An address of the documentation range (RFC 5737), which nothing here answers for. */
const strangersAddress = '192.0.2.77';

/** Each is named for the rule that must recognise it. */
export const faults: readonly Fault[] = [
  { id: 'missing-ingress-class' },
  { id: 'host-points-elsewhere', address: strangersAddress },
  { id: 'host-does-not-resolve', address: null },
  { id: 'strict-mtls-solver' },
  { id: 'secret-in-other-namespace' },
  { id: 'two-certificates-one-secret', after: 'first' },
  { id: 'http-route-not-accepted' },
  { id: 'issuer-missing' },
  { id: 'ca-not-trusted' },
  { id: 'ca-not-reachable' },
  { id: 'eab-required', externalAccount: true },
  { id: 'eab-unknown-key-id', externalAccount: true },
  { id: 'eab-wrong-key', externalAccount: true },
  { id: 'eab-bad-encoding', externalAccount: true },
  { id: 'eab-secret-missing', externalAccount: true },
  { id: 'solver-not-created', isBusy: true },
  { id: 'redirect-same-host', isBusy: true },
  // The last: its Challenge cannot be deleted any more.
  { id: 'dns01-wrong-key', isBusy: true },
];

export function namespaceOf({ id }: Fault): string {
  return `fault-${id}`;
}

/** Where faults are staged. */
export interface FaultStage {
  readonly cell: RunningCell;
  readonly kube: KubeClient;
  readonly gatewayAddress: string;
  /** Base64 of PEM: the root of the CA's own server. */
  readonly caBundle: string;
}

const readyWithinMs = 90_000;

/** Makes a fault in a namespace and with a host of its own. */
export async function stageFault(fault: Fault, { cell, kube, gatewayAddress, caBundle }: FaultStage): Promise<void> {
  const namespace = namespaceOf(fault);
  const host = `${fault.id}.${cell.domain}`;
  const address = fault.address === undefined ? gatewayAddress : fault.address;
  await cell.setAddresses(host, address === null ? [] : [address]);
  const { directoryUrl } = cell.ca;
  const objects = await readManifest(join(folder, `${fault.id}.yaml`), {
    host,
    namespace,
    domain: cell.domain,
    directoryUrl: fault.externalAccount ? directoryUrl.replace('/dir', `:${externalAccountCa.port}/dir`) : directoryUrl,
    directoryCaBundle: caBundle,
    nameServer: `${cell.nameServers[0]}:53`,
    wrongKey: randomBytes(32).toString('base64url'),
    wrongTsigKey: randomBytes(32).toString('base64'),
  });
  const isTraced = ({ kind, metadata }: KubeObject) => kind === 'Certificate' && metadata.name === 'fault';
  const own = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } };
  await kube.apply([own, ...objects.filter((object) => !isTraced(object))]);
  if (fault.after !== undefined) {
    await kube.waitFor(
      { apiVersion: 'cert-manager.io/v1', kind: 'Certificate', namespace },
      conditionTrue('Certificate', fault.after, 'Ready'),
      { what: `Certificate ${fault.after} to be Ready`, withinMs: readyWithinMs },
    );
  }
  await kube.apply(objects.filter(isTraced));
}

/** Takes the Certificate away, and with it what cert-manager does for it. */
export async function endFault(fault: Fault, { kube }: FaultStage): Promise<void> {
  await kube.remove({
    apiVersion: 'cert-manager.io/v1',
    kind: 'Certificate',
    namespace: namespaceOf(fault),
    name: 'fault',
  });
}
