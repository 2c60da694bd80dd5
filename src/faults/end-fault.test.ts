import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ingressGatewayOfCharts } from '../environment/environment.ts';
import type { ObjectRef } from '../kube/kube-object.ts';
import type { StandaloneFault } from './fault.ts';
import type { FaultPlace } from './fault-place.ts';
import { endFault } from './stage-fault.ts';

const folder = join(import.meta.dirname, '..', '..', 'faults', 'issuer-missing');
const fault: StandaloneFault = {
  ...{ id: 'issuer-missing', title: 'A fault', symptom: 'Something.', diagnosedAs: null, verdict: null },
  onItsOwn: { manifest: join(folder, 'manifest.yaml') },
};

/** A place whose user may not remove some kinds, and what was removed there. */
function placeWithout(...kinds: readonly string[]) {
  const removed: string[] = [];
  const remove = async ({ kind, name }: ObjectRef) => {
    if (kinds.includes(kind)) throw new Error(`Could not delete ${kind} ${name}: forbidden`);
    removed.push(`${kind} ${name}`);
  };
  const environment = {
    ...{ ca: { directoryUrl: 'https://ca/dir', directoryCaFile: null }, domain: 'padlock.test' },
    ...{ gateway: ingressGatewayOfCharts, nameServers: ['192.0.2.1'], setAddresses: async () => {} },
  };
  return { place: { environment, kube: { remove } } as unknown as FaultPlace, removed };
}

test('what may not be removed does not keep the rest', async () => {
  const { place, removed } = placeWithout('Gateway', 'Certificate');
  await expect(endFault(fault, place)).rejects.toThrow('Could not delete Gateway fault-issuer-missing: forbidden');
  expect(removed).toContain('Namespace fault-issuer-missing');
});

test('a Certificate in a namespace of the fault ends with it', async () => {
  const { place, removed } = placeWithout('Certificate');
  await endFault(fault, place);
  expect(removed).toContain('Namespace fault-issuer-missing');
});
