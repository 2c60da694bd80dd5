import { expect, test } from 'vitest';
import { floorMs, type LimitFacts, nextLimits } from './next-limit.ts';

const facts: LimitFacts = {
  solver: 'http01',
  certificates: 20,
  allocatablePods: 110,
  runningPods: 9,
  mostSolverPods: 20,
  machineBusy: 0.5,
  gatewayBytesPerCertificate: null,
  gatewayMemoryBytes: null,
  gatewayLimitBytes: null,
  restart: null,
};

test('the floor is what cert-manager waits for, for so many at a time', () => {
  expect(floorMs('http01', 500)).toBe(162_000);
  expect(floorMs('http01', 60)).toBe(18_000);
  expect(floorMs('ca-issuer', 500)).toBeNull();
});

test.for([
  ['nothing but Pods for a small load', {}, ['The nodes have room for 101 more Pods']],
  ['Pods where there is too little room', { runningPods: 90 }, ['Pods are the limit']],
  ['no Pods for a CA issuer', { solver: 'ca-issuer' }, []],
  [
    'the challenges for a large load',
    { certificates: 500 },
    ['cert-manager solves 60 challenges at a time', 'The nodes'],
  ],
  ['a busy machine first', { machineBusy: 0.97 }, ['busy for 97 %', 'The nodes']],
  [
    'a gateway that was not ready',
    { restart: { hosts: 500, readyMs: null, limitMs: 60_000 } },
    ['with 500 credentialNames was not ready within 60 s', 'The nodes'],
  ],
  [
    'the memory of the gateway',
    { gatewayBytesPerCertificate: 102_400, gatewayMemoryBytes: 2 ** 29, gatewayLimitBytes: 2 ** 30 },
    ['The nodes', 'room for about 5242 more certificates, at 100 KiB each'],
  ],
] as const)('names %s', ([, more, expected]) => {
  const said = nextLimits({ ...facts, ...more });
  expect(said).toHaveLength(expected.length);
  for (const [index, words] of expected.entries()) expect(said[index]).toContain(words);
});
