import { expect, test } from 'vitest';
import type { KubeObject } from './kube-object.ts';
import { loadBalancerAddress, loadBalancerOf } from './load-balancer-address.ts';

function service(...ingress: readonly { readonly ip?: string; readonly hostname?: string }[]): KubeObject {
  return { apiVersion: 'v1', kind: 'Service', metadata: { name: 'a' }, status: { loadBalancer: { ingress } } };
}

test('an IP address is taken as it is', async () => {
  expect(loadBalancerOf(service({ ip: '192.0.2.10' }))).toBe('192.0.2.10');
  expect(await loadBalancerAddress(service({ ip: '2001:db8::7' }))).toBe('2001:db8::7');
});

test('a host name is resolved, and a name without an address gives null', async () => {
  expect(loadBalancerOf(service({ hostname: 'localhost' }))).toBe('localhost');
  expect(['127.0.0.1', '::1']).toContain(await loadBalancerAddress(service({ hostname: 'localhost' })));
  expect(await loadBalancerAddress(service({ hostname: 'no-such-name.invalid' }))).toBeNull();
});

test('a Service without an address', async () => {
  expect(loadBalancerOf(service())).toBeNull();
  expect(await loadBalancerAddress({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'a' } })).toBeNull();
});
