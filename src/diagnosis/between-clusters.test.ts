import { expect, test } from 'vitest';
import { forget, goodEvidence, recorded } from '../checks/testing/evidence-fixture.ts';
import { diagnose } from './diagnose.ts';
import { waitingEvidence } from './situation-fixture.ts';
import type { BetweenClusters } from './surroundings.ts';

const between: BetweenClusters = {
  ...{ controlPlane: 'https://control', dataPlane: 'https://data', secrets: [] },
  misplaced: [{ title: 'Gateway n/mine', credentials: [] }],
  unread: [{ pod: 'istio-system/istiod-1', cluster: 'data', reason: 'failed to list *v1.Service: Unauthorized' }],
};
const surroundings = { absentKinds: [], mesh: null, nameRecords: [], inside: null, betweenClusters: between };

test('what is wrong between the clusters is told once beside a fault of the issuance', async () => {
  const evidence = await waitingEvidence();
  forget(evidence, 'Issuer');
  const { rule, alsoBroken = [] } = diagnose({ ...evidence, surroundings });
  expect(rule).not.toBe('istiod-cannot-read-cluster');
  expect(alsoBroken).toHaveLength(2);
  expect(alsoBroken.join('\n')).toMatch(/istiod \(Pod istio-system\/istiod-1 .*Unauthorized\./);
  expect(alsoBroken.join('\n')).toMatch(/Gateway n\/mine for \S+ is in the cluster at https:\/\/data, .* Apply it to/);
});

test('a certificate that is served is served, whatever istiod cannot read', async () => {
  const diagnosis = diagnose({ ...(await goodEvidence()), surroundings });
  expect(diagnosis.rule).toBe('served');
  expect(diagnosis.alsoBroken).toHaveLength(2);
});

test('a solver that is new is on its way to the gateway', async () => {
  const evidence = await waitingEvidence();
  const { states } = recorded(evidence, 'Ingress');
  const born = states[0]?.at ?? '';
  for (const { object } of states) Object.assign(object.metadata as object, { creationTimestamp: born });
  const last = evidence.probes
    .concat()
    .sort((one, other) => one.at.localeCompare(other.at))
    .at(-1);
  if (last !== undefined) last.at = new Date(Date.parse(born) + 5_000).toISOString();
  for (const probe of evidence.probes) probe.at = last?.at ?? probe.at;
  const { rule } = diagnose({ ...evidence, surroundings });
  expect(rule).not.toBe('istiod-cannot-read-cluster');
});

test.each([
  ['failed to list *v1.Service: Unauthorized', /renew the remote secret/],
  ['failed to list *v1.Secret: secrets is forbidden: User "x" cannot list', /Grant the ServiceAccount/],
  ['dial tcp 10.0.0.1:6443: connect: no route to host', /Check the way from the control plane/],
])('the remedy fits what istiod says: %s', async (reason, remedy) => {
  const unread = [{ pod: 'istio-system/istiod-1', cluster: 'data', reason }];
  const { alsoBroken } = diagnose({
    ...(await goodEvidence()),
    surroundings: { ...surroundings, betweenClusters: { ...between, misplaced: [], unread } },
  });
  expect(alsoBroken?.join(' ')).toMatch(remedy);
});

test('a verdict does not depend on which watch of istiod failed last', async () => {
  const verdictWith = async (reason: string) => {
    const unread = [{ pod: 'istio-system/istiod-1', cluster: 'data', reason }];
    const { alsoBroken } = diagnose({
      ...(await goodEvidence()),
      surroundings: { ...surroundings, betweenClusters: { ...between, misplaced: [], unread } },
    });
    return alsoBroken;
  };
  const dial = 'dial tcp 10.0.0.1:6443: connect: no route to host';
  const ofSecrets = await verdictWith(
    `failed to list *v1.Secret: Get "https://10.0.0.1:6443/api/v1/secrets?limit=1": ${dial}`,
  );
  expect(ofSecrets).toEqual(
    await verdictWith(`failed to list *v1.Node: Get "https://10.0.0.1:6443/api/v1/nodes": ${dial}`),
  );
  expect(ofSecrets?.[0]).toContain(`at https://data: ${dial}.`);
  const ofKinds = 'failed to list apiextensions.k8s.io/v1, Resource=customresourcedefinitions: Unauthorized';
  expect((await verdictWith(ofKinds))?.[0]).toContain('at https://data: Unauthorized.');
});
