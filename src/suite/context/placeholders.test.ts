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
  for (const name of names) expect(name).toMatch(/^account-[a-z0-9-]+-abc123$/);
  expect(names.size).toBe(new Set(shared.map(({ issuer }) => issuer.name)).size);
});
