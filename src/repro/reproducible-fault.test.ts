import { describe, expect, test } from 'vitest';
import { faults, scenarioFaults, standaloneFaults } from '../../faults/index.ts';
import { type CertificateAuthority, ingressGatewayOfCharts } from '../environment/environment.ts';
import { cureSteps } from './cure-text.ts';
import { refuseWhatIsMissing, reproducibleFault } from './reproducible-fault.ts';

const ca: CertificateAuthority = {
  ...{ directoryUrl: 'https://acme.padlock.test/dir', directoryCaFile: null, software: 'pebble', version: '' },
  ...{ settings: {}, userAgent: '', log: null, roots: async () => [] },
};
const cell = {
  kind: 'cell',
  name: 'dev',
  gateway: ingressGatewayOfCharts,
  ca,
  domain: 'padlock.test',
  dnsUpdates: () => Promise.reject(new Error()),
  externalAccountCa: () => Promise.reject(new Error()),
};
const place = { domain: 'padlock.test', gateway: ingressGatewayOfCharts };

function named(id: string) {
  return reproducibleFault(id, faults);
}

describe('a fault is refused with one sentence', () => {
  test('that nobody knows', () => {
    expect(() => named('wrong-adress')).toThrow(
      expect.objectContaining({
        exitCode: 2,
        message: "Unknown fault 'wrong-adress' (did you mean wrong-address?). 'padlock repro --list' lists all.",
      }),
    );
  });

  test('that happens in scenarios only', () => {
    const [only] = scenarioFaults.filter(({ onItsOwn }) => onItsOwn === undefined);
    expect(() => named(only?.id ?? '')).toThrow(`padlock run http01-ingress --fault ${only?.id} --keep`);
  });

  test.each([
    [
      'wrong-address',
      { limits: { anyAddress: false, gatewayApi: true, clusterChanges: true } },
      /lacks a DNS in which/,
    ],
    [
      'wrong-address',
      { limits: { anyAddress: true, gatewayApi: false, clusterChanges: true } },
      /lacks the Gateway API\.$/,
    ],
    [
      'wrong-address',
      { limits: { anyAddress: true, gatewayApi: true, clusterChanges: false } },
      /--allow-cluster-changes allows such changes\.$/,
    ],
    ['wrong-address', { gateway: { ...ingressGatewayOfCharts, ingressClass: null } }, /lacks an IngressClass/],
    [
      'name-hidden-by-search-path',
      { domain: 'padlock.example.com' },
      /lacks a domain of two labels, so that Pods find its names in their search path\.$/,
    ],
    ['dns01-wrong-key', { dnsUpdates: undefined }, /lacks a name server that takes signed updates/],
    ['eab-wrong-key', { externalAccountCa: undefined }, /lacks a CA that demands external account binding/],
    [
      'wrong-address',
      { ca: { ...ca, externalAccount: { keyId: 'kid', hmacKey: 'a2V5' } } },
      /lacks a CA that gives accounts without external account binding/,
    ],
  ] as const)('%s where the environment has %j', async (id, more, message) => {
    await expect(refuseWhatIsMissing(named(id), { ...cell, ...more })).rejects.toThrow(
      expect.objectContaining({ exitCode: 2, message: expect.stringMatching(message) }),
    );
  });
});

test('a cell with an external account has everything that faults need', async () => {
  for (const fault of standaloneFaults) {
    await expect(refuseWhatIsMissing(fault, cell)).resolves.toBeUndefined();
  }
});

test('the steps of a cure name what is there, and leave no placeholder but those of manifests', () => {
  expect(cureSteps(named('wrong-address'), place)).toEqual([
    "Point wrong-address.padlock.test at the ingress gateway's address.",
  ]);
  for (const fault of standaloneFaults) {
    const steps = cureSteps(fault, place).filter((step) => !step.startsWith('Apply:'));
    for (const step of steps) expect(step).not.toContain('${');
  }
});
