import { describe, expect, test } from 'vitest';
import { forget, goodEvidence } from '../checks/testing/evidence-fixture.ts';
import { waitingEvidence } from '../diagnosis/situation-fixture.ts';
import { walk } from './walk.ts';

describe('walk', () => {
  test('goes from the Certificate to what the host answers, each below what it belongs to', async () => {
    const stations = walk(await waitingEvidence());
    const kinds = stations.map(({ depth, name }) => `${depth} ${name.split(' ')[0]}`);
    expect(kinds.filter((each) => !/^4|http/.test(each))).toEqual([
      '0 Certificate',
      '1 Issuer',
      '1 CertificateRequest',
      '2 Order',
      '3 Challenge',
      '1 Secret',
      '0 Gateway',
      '0 DNS',
    ]);
    expect(kinds.filter((each) => each.startsWith('4')).toSorted()).toEqual(['4 Ingress', '4 Pod', '4 Service']);
    expect(stations.find(({ name }) => name.startsWith('Secret'))?.state).toBe('missing or without a certificate');
    expect(stations.find(({ name }) => name.startsWith('DNS'))).toMatchObject({ state: '198.51.100.7' });
  });

  test('tells what was issued and what is served', async () => {
    const stations = walk(await goodEvidence());
    expect(stations.find(({ name }) => name.startsWith('Secret'))?.state).toMatch(
      /^certificate \S+ for .*, valid until /,
    );
    expect(stations.find(({ name }) => name.startsWith('TLS'))?.state).toMatch(/^serves the certificate \S+ for /);
  });

  test('says what Envoy has', async () => {
    const evidence = await waitingEvidence();
    evidence.gatewayConfigs = [
      {
        pod: 'istio-system/gateway-1',
        at: '2026-11-24T09:00:00.000Z',
        listeners: [{ port: 8443, state: 'warming', routeConfigs: [], serverNames: [], secrets: [] }],
        routes: [{ routeConfig: 'http.8080', domain: 'a.test', match: 'prefix /', target: 'direct response 404' }],
        secrets: [
          { name: 'kubernetes://cert', state: 'warming' },
          { name: 'default', state: 'active' },
        ],
      },
    ];
    const below = walk(evidence).filter(({ name }) => /Envoy|http\.8080|^secret/.test(name));
    expect(below).toEqual([
      { depth: 1, name: 'Envoy in istio-system/gateway-1', state: 'listens on 8443 (warming)' },
      { depth: 2, name: 'http.8080 a.test', state: 'prefix / → direct response 404' },
      { depth: 2, name: 'secret kubernetes://cert', state: 'warming' },
    ]);
  });

  test('an Issuer that is not there was not seen', async () => {
    const evidence = await waitingEvidence();
    forget(evidence, 'Issuer');
    expect(walk(evidence)[1]).toMatchObject({ state: 'not seen' });
  });
});
