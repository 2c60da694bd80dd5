import { expect, test } from 'vitest';
import type { CaServerPlace } from '../ca-server.ts';
import { pebble, setUpPebble } from './pebble.ts';

const place: CaServerPlace = {
  folder: '/run/ca',
  listenAddress: '0.0.0.0',
  host: 'acme.padlock.test',
  directoryPort: 443,
  managementPort: 15000,
  identity: { certificate: 'a certificate', privateKey: 'its key', root: 'its root' },
  nameServer: '10.231.7.6:53',
  http01Port: 80,
  tlsAlpn01Port: 443,
};

function configurationOf({ files }: ReturnType<typeof setUpPebble>) {
  return JSON.parse(files.find(({ name }) => name === 'pebble.json')?.content ?? '').pebble;
}

test('validates on the ports of the place, with one profile and no external accounts', () => {
  const configuration = configurationOf(setUpPebble(place));
  expect(configuration).toMatchObject({ httpPort: 80, tlsPort: 443, listenAddress: '0.0.0.0:443' });
  expect(configuration).toMatchObject({ certificate: '/run/ca/directory.crt', privateKey: '/run/ca/directory.key' });
  expect(configuration.externalAccountBindingRequired).toBe(false);
  expect(Object.keys(configuration.profiles)).toEqual(['default']);
});

test('a variant may have further profiles, each with its own validity', () => {
  const { profiles } = configurationOf(setUpPebble(place, { profiles: { shortlived: 518_400 } }));
  expect(profiles.shortlived).toMatchObject({ validityPeriod: 518_400 });
  expect(profiles.default).toMatchObject({ validityPeriod: 7_776_000 });
});

test('asks only the name server of the place, or the resolver of the system', () => {
  const strictly = ['-config', '/run/ca/pebble.json', '-strict'];
  expect(setUpPebble(place).arguments).toEqual([...strictly, '-dnsserver', '10.231.7.6:53']);
  expect(setUpPebble({ ...place, nameServer: null }).arguments).toEqual(strictly);
});

test('the environment of a server is what reports name as its settings', () => {
  expect(pebble.settings).toMatchObject(setUpPebble(place).environment);
  expect(pebble.rootPaths).toHaveLength(1 + Number(setUpPebble(place).environment.PEBBLE_ALTERNATE_ROOTS));
});

test('a variant changes its own settings alone, and MAC keys make the configuration a secret', () => {
  const variant = setUpPebble(place, { externalAccounts: { kid: 'mac' }, badNoncePercent: 20, chainLength: 2 });
  const { environment } = setUpPebble(place);
  expect(variant.environment).toEqual({ ...environment, PEBBLE_WFE_NONCEREJECT: '20', PEBBLE_CHAIN_LENGTH: '2' });
  expect(configurationOf(variant)).toMatchObject({
    externalAccountBindingRequired: true,
    externalAccountMACKeys: { kid: 'mac' },
  });
  expect(setUpPebble(place, { asksNobody: true }).environment).toMatchObject({ PEBBLE_VA_ALWAYS_VALID: '1' });
  expect(variant.files.find(({ name }) => name === 'pebble.json')?.isSecret).toBe(true);
});
