import { expect, test } from 'vitest';
import { loadBalancerAddresses } from './network-addresses.ts';

test('takes the last addresses below the broadcast address', () => {
  const addresses = loadBalancerAddresses('172.18.0.0/16');
  expect(addresses).toHaveLength(48);
  expect(addresses.at(0)).toBe('172.18.255.207');
  expect(addresses.at(-1)).toBe('172.18.255.254');
  expect(loadBalancerAddresses('10.240.1.0/24').at(-1)).toBe('10.240.1.254');
});

test('bears a subnet that is given by an address in it', () => {
  expect(loadBalancerAddresses('10.240.1.77/24')).toEqual(loadBalancerAddresses('10.240.1.0/24'));
});

test.each(['fc00::/64', '10.0.0.0/28', '10.0.0.0'])('refuses %s', (subnet) => {
  expect(() => loadBalancerAddresses(subnet)).toThrow('has no 48 addresses to spare');
});
