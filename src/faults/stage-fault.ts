import { randomBytes } from 'node:crypto';
import type { RunningEnvironment } from '../environment/environment.ts';
import type { KubeClient } from '../kube/client.ts';
import type { KubeObject } from '../kube/kube-object.ts';
import { readManifest } from '../kube/manifests.ts';
import { conditionTrue } from '../kube/until.ts';
import type { StandaloneFault } from './fault.ts';

/** Where a fault is staged on its own. */
export interface FaultPlace {
  readonly environment: Pick<RunningEnvironment, 'ca' | 'domain' | 'nameServers' | 'setAddresses'>;
  readonly kube: KubeClient;
  readonly gatewayAddress: string;
  /** Base64 of PEM: the root of the directory's own TLS certificate. */
  readonly directoryCaBundle: string;
  /** The directory of a CA that demands external account binding. */
  readonly externalAccountDirectoryUrl: string;
}

const readyWithinMs = 90_000;

/** The namespace of a fault that is staged on its own. */
export function namespaceOf({ id }: StandaloneFault): string {
  return `fault-${id}`;
}

/** Stages a fault in a namespace and with a host of its own; both are named for it. */
export async function stageFault(fault: StandaloneFault, place: FaultPlace): Promise<void> {
  const { environment, kube, gatewayAddress, directoryCaBundle, externalAccountDirectoryUrl } = place;
  const { manifest, address = gatewayAddress, demandsExternalAccount, after } = fault.onItsOwn;
  const namespace = namespaceOf(fault);
  const host = `${fault.id}.${environment.domain}`;
  await environment.setAddresses(host, address === null ? [] : [address]);
  const objects = await readManifest(manifest, {
    host,
    namespace,
    domain: environment.domain,
    directoryUrl: demandsExternalAccount ? externalAccountDirectoryUrl : environment.ca.directoryUrl,
    directoryCaBundle,
    nameServer: `${environment.nameServers[0]}:53`,
    wrongKey: randomBytes(32).toString('base64url'),
    wrongTsigKey: randomBytes(32).toString('base64'),
  });
  const isTraced = ({ kind, metadata }: KubeObject) => kind === 'Certificate' && metadata.name === 'fault';
  const own = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } };
  await kube.apply([own, ...objects.filter((object) => !isTraced(object))]);
  if (after !== undefined) {
    await kube.waitFor(
      { apiVersion: 'cert-manager.io/v1', kind: 'Certificate', namespace },
      conditionTrue('Certificate', after, 'Ready'),
      { what: `Certificate ${after} to be Ready`, withinMs: readyWithinMs },
    );
  }
  await kube.apply(objects.filter(isTraced));
}

/** Removes the traced Certificate, and with it what cert-manager does for it. */
export async function endFault(fault: StandaloneFault, kube: KubeClient): Promise<void> {
  await kube.remove({
    apiVersion: 'cert-manager.io/v1',
    kind: 'Certificate',
    namespace: namespaceOf(fault),
    name: 'fault',
  });
}
