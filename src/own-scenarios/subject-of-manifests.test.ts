import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { ingressGatewayOfCharts } from '../environment/environment.ts';
import { subjectOfManifests } from './subject-of-manifests.ts';

const names = {
  host: 'shop-1.padlock.test',
  namespace: 'shop-1',
  applicationNamespace: 'default',
  suffix: '',
  gateway: ingressGatewayOfCharts,
};
const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

function folderWith(...manifests: readonly string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'padlock-'));
  folders.push(folder);
  for (const [index, text] of manifests.entries()) writeFileSync(join(folder, `${index}.yaml`), text);
  return folder;
}

const issuer = (solver: string) =>
  `apiVersion: cert-manager.io/v1\nkind: Issuer\nmetadata: { name: acme }\nspec: { acme: { solvers: [{ ${solver} }] } }\n`;
const placeholder = (name: string) => `$\{${name}}`;

test('finds Issuer, Certificate, Secret, solver and the gateway of the Gateway API in the manifests', () => {
  const folder = folderWith(
    issuer('http01: { gatewayHTTPRoute: {} }'),
    `apiVersion: cert-manager.io/v1\nkind: Certificate\nmetadata: { name: shop, namespace: "${placeholder('gatewayNamespace')}" }\nspec: { secretName: shop-tls }\n`,
    'apiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata: { name: shop }\nspec: { gatewayClassName: istio }\n',
  );
  expect(subjectOfManifests({ folder, files: null }, names)).toEqual({
    host: 'shop-1.padlock.test',
    issuer: { namespace: 'shop-1', name: 'acme' },
    certificate: { namespace: 'istio-system', name: 'shop' },
    secret: { namespace: 'istio-system', name: 'shop-tls' },
    solver: 'gateway-httproute',
    gateway: { namespace: 'shop-1', name: 'shop-istio' },
    application: { service: 'httpbin.shop-1.svc.cluster.local', port: 8000 },
  });
});

test.each([
  ['dns01: {}', 'dns01'],
  ['http01: { ingress: {} }', 'ingress'],
])('an Issuer with %s solves by %s, at the ingress gateway', (solver, found) => {
  const subject = subjectOfManifests({ folder: folderWith(issuer(solver)), files: null }, names);
  expect(subject).toMatchObject({
    solver: found,
    gateway: { namespace: 'istio-system', name: 'istio-ingressgateway' },
  });
});

test('what is given wins, also where the manifests have several', () => {
  const twice = `${issuer('dns01: {}')}---\n${issuer('dns01: {}').replace('name: acme', 'name: other')}`;
  const manifests = { folder: folderWith(twice), files: null };
  expect(() => subjectOfManifests(manifests, names)).toThrow(
    /^There are 2 objects of kind Issuer, at .*0\.yaml:1 and .*0\.yaml:6: /,
  );
  const given = { issuer: { namespace: 'shop-1', name: 'other' }, solver: 'dns01' } as const;
  expect(subjectOfManifests(manifests, names, given)).toMatchObject(given);
});
