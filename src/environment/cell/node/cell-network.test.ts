import { expect, test } from 'vitest';
import { cellNetwork, firstSlot, lastSlot, loadBalancerAddresses } from './cell-network.ts';
import { overlap } from './ipv4-ranges.ts';

test('keeps every address that is seen outside within the subnet of the slot', () => {
  const network = cellNetwork(7);
  const { hostAddress, apiAddress, nodeAddress, outsideAddress, loadBalancerRange } = network;
  for (const address of [hostAddress, apiAddress, nodeAddress, outsideAddress, loadBalancerRange]) {
    expect(overlap(address, network.subnet)).toBe(true);
  }
  // Linux takes interface names of at most 15 characters (IFNAMSIZ).
  expect(cellNetwork(lastSlot).hostInterface.length).toBeLessThanOrEqual(15);
});

test('puts the two ends of each link into one /30, apart from the other link and from the load balancers', () => {
  const { hostAddress, apiAddress, nodeAddress, outsideAddress, loadBalancerRange } = cellNetwork(7);
  expect(overlap(`${hostAddress}/30`, apiAddress)).toBe(true);
  expect(overlap(`${nodeAddress}/30`, outsideAddress)).toBe(true);
  expect(overlap(`${hostAddress}/30`, `${nodeAddress}/30`)).toBe(false);
  for (const link of [hostAddress, nodeAddress]) expect(overlap(`${link}/30`, loadBalancerRange)).toBe(false);
});

test('keeps slots, Pods and Services apart', () => {
  const { subnet, podRange, serviceRange, apiServiceAddress, clusterDnsAddress } = cellNetwork(firstSlot);
  expect(overlap(subnet, cellNetwork(firstSlot + 1).subnet)).toBe(false);
  expect(overlap(podRange, serviceRange)).toBe(false);
  for (const range of [podRange, serviceRange]) expect(overlap(range, '10.231.0.0/16')).toBe(false);
  expect(overlap(apiServiceAddress, serviceRange)).toBe(true);
  expect(overlap(clusterDnsAddress, serviceRange)).toBe(true);
});

test('hands out each host address of the load balancer range once', () => {
  const network = cellNetwork(7);
  const addresses = loadBalancerAddresses(network);
  expect(new Set(addresses).size).toBe(62);
  expect([addresses.at(0), addresses.at(-1)]).toEqual(['10.231.7.65', '10.231.7.126']);
  expect(addresses.every((address) => overlap(address, network.loadBalancerRange))).toBe(true);
});
