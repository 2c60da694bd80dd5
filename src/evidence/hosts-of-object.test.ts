import { describe, expect, test } from 'vitest';
import { hostsNamedBy, namesHost } from './hosts-of-object.ts';

const named = (apiVersion: string, kind: string, spec: unknown, annotations = {}) =>
  hostsNamedBy({ apiVersion, kind, metadata: { name: 'a', annotations }, spec });

describe('hostsNamedBy', () => {
  test.each([
    ['cert-manager.io/v1', 'Certificate', { dnsNames: ['a', 'b'], commonName: 'c' }, ['a', 'b', 'c']],
    ['acme.cert-manager.io/v1', 'Order', { dnsNames: ['a'] }, ['a']],
    ['acme.cert-manager.io/v1', 'Challenge', { dnsName: 'a' }, ['a']],
    ['networking.k8s.io/v1', 'Ingress', { rules: [{ host: 'a' }, {}], tls: [{ hosts: ['b'] }] }, ['a', 'b']],
    ['gateway.networking.k8s.io/v1', 'HTTPRoute', { hostnames: ['a'] }, ['a']],
    ['gateway.networking.k8s.io/v1', 'Gateway', { listeners: [{ hostname: 'a' }, {}] }, ['a']],
    ['networking.istio.io/v1', 'Gateway', { servers: [{ hosts: ['ns/a', '*'] }] }, ['ns/a', '*']],
    ['networking.istio.io/v1', 'VirtualService', { hosts: ['a'] }, ['a']],
    ['v1', 'Service', { hosts: ['a'] }, []],
    ['cert-manager.io/v1', 'Certificate', undefined, []],
  ])('reads %s %s', (apiVersion, kind, spec, hosts) => {
    expect(named(apiVersion, kind, spec)).toEqual(hosts);
  });

  test("reads cert-manager's annotations of a Secret", () => {
    const annotations = { 'cert-manager.io/alt-names': 'a,b', 'cert-manager.io/common-name': '' };
    expect(named('v1', 'Secret', undefined, annotations)).toEqual(['a', 'b']);
  });
});

describe('namesHost', () => {
  test.each([
    ['a.example.test', true],
    ['A.example.test', true],
    ['ns/a.example.test', true],
    ['*.example.test', true],
    ['*/*', true],
    ['*', true],
    ['b.example.test', false],
    ['*.a.example.test', false],
    ['example.test', false],
  ])('%s: %s', (pattern, expected) => {
    expect(namesHost(pattern, 'a.example.test')).toBe(expected);
  });
});
