import { expect, test } from 'vitest';
import { allScenarios } from '../../suites/index.ts';
import type { Capabilities } from './context/capabilities.ts';
import { type FeatureName, featureNames, features, whyNot } from './features.ts';

const everything: Capabilities = {
  profiles: ['default'],
  rootNames: ['Root 1', 'Root 2'],
  dnsUpdates: true,
  ingressClass: 'istio',
  gatewayApi: true,
  anyAddress: true,
  furtherCa: true,
  furtherNameServer: true,
  nodeProcesses: true,
  podNetwork: true,
  aliases: true,
  clusterChanges: true,
};

test('every feature is one sentence, and some scenario has it', () => {
  for (const name of featureNames) {
    const { means, needs = 'Nothing.' } = features[name];
    expect(name).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
    for (const sentence of [means, needs]) expect(sentence).toMatch(/^[^\n]+\.$/);
    expect(
      allScenarios.some((scenario) => scenario.features.includes(name)),
      name,
    ).toBe(true);
  }
});

test('what needs nothing, and what has all it needs, can run', () => {
  expect(whyNot({ features: featureNames, changesClusterWide: 'removes the IngressClass' }, everything)).toBeNull();
});

test.each<[FeatureName, Partial<Capabilities>, string]>([
  ['dns01', { dnsUpdates: false }, 'give --dns-update-server'],
  ['ingress-solver', { ingressClass: null }, 'no IngressClass'],
  ['gateway-api', { gatewayApi: false }, 'does not have the Gateway API'],
  ['gateway-api', { anyAddress: false }, '--domain with --dns-hook'],
  ['delegated-dns01', { aliases: false }, 'can make no CNAME'],
  ['further-name-server', { furtherNameServer: false }, 'can start no name server'],
  ['node-processes', { nodeProcesses: false }, 'are elsewhere'],
  ['pod-network', { podNetwork: false }, 'cannot be dropped'],
  ['external-account', { furtherCa: false }, 'can start no further CA'],
  ['cluster-issuer', { clusterChanges: false }, '--allow-cluster-changes allows that'],
  ['preferred-chain', { rootNames: ['Root 1'] }, 'Only one root of the CA is known'],
  ['preferred-chain', { rootNames: [] }, 'No root of the CA is known'],
  ['profile', { profiles: [] }, 'has no profiles'],
])('%s cannot run with %o', (feature, lacks, words) => {
  const capabilities = { ...everything, ...lacks };
  expect(whyNot({ features: ['http01', feature], changesClusterWide: null }, capabilities)).toContain(words);
  expect(whyNot({ features: ['http01'], changesClusterWide: null }, capabilities)).toBeNull();
});

test('a scenario that changes the whole cluster needs to be allowed to', () => {
  const scenario = { features: [], changesClusterWide: 'removes the IngressClass istio and creates it again' };
  expect(whyNot(scenario, { ...everything, clusterChanges: false })).toBe(
    'It removes the IngressClass istio and creates it again; on a cluster that belongs to others too, --allow-cluster-changes allows that.',
  );
});
