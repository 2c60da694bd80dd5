import { expect, test } from 'vitest';
import { allScenarios } from '../../../suites/index.ts';
import { ingressGatewayOfCharts as gateway } from '../../environment/environment.ts';
import { accountKeyNameOf } from './placeholders.ts';

const suffix = '-abc123';
const subjects = allScenarios.map(({ subject, id }) => {
  const namespace = `${id}${suffix}`;
  return subject({ host: 'a.example.test', namespace, applicationNamespace: namespace, suffix, gateway });
});

test("the account key of an Issuer in the gateway's namespace ends with the run's suffix, by which it is removed", () => {
  const shared = subjects.filter(({ issuer }) => issuer.namespace === gateway.namespace);
  const names = new Set(shared.map((subject) => accountKeyNameOf({ subject })));
  expect([...names].toSorted()).toEqual([
    'account-letsencrypt-prod-issuer-abc123',
    'account-redirect-issuer-abc123',
    'account-wildcard-issuer-abc123',
  ]);
  expect(names.size).toBe(new Set(shared.map(({ issuer }) => issuer.name)).size);
});
