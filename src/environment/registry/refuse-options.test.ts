import { expect, test } from 'vitest';
import { refuseOptions } from './refuse-options.ts';

test.each([
  ['cell', {}],
  ['cell', { subnet: 3, gatewayApi: 'v1.5.1', ca: 'step-ca' }],
  ['cell', { on: 'dev', directory: 'https://ca.example.test' }],
  ['kind', { istio: '1.30.1', certManager: 'v1.20.2', gatewayApi: 'v1.5.1', nodeImage: 'node', kindConfig: 'k' }],
  ['kind', { registryMirror: 'https://mirror.example.test', imageArchive: 'images', on: 'dev' }],
  ['existing', { kubeconfig: 'k', directory: 'https://ca.example.test' }],
  ['cell', { on: 'dev', allowClusterChanges: false }],
  // Not of any environment's table.
  ['cell', { report: 'folder', environment: 'cell' }],
] as const)('%s takes %j', (kind, values) => {
  expect(() => refuseOptions(kind, values)).not.toThrow();
});

test.each([
  ['cell', { kubeconfig: 'k' }, '--kubeconfig needs --environment existing.'],
  ['kind', { install: ['pebble'], pebbleImage: 'p' }, '--install, --pebble-image need --environment existing.'],
  ['cell', { istio: '1.30.1' }, '--istio needs --environment kind. A cell has the one version that Padlock builds.'],
  ['existing', { istio: '1.30.1' }, '--istio needs --environment kind.'],
  ['existing', { gatewayApi: 'v1.5.1' }, '--gateway-api needs --environment cell or kind.'],
  ['kind', { subnet: 3 }, '--subnet needs --environment cell.'],
  ['kind', { ca: 'step-ca' }, '--ca needs --environment cell. A kind environment runs Pebble.'],
  [
    'existing',
    { ca: 'step-ca' },
    '--ca needs --environment cell. For an existing cluster, give the CA with --directory, or bring Pebble with --install pebble.',
  ],
  ['existing', { on: 'dev' }, '--on needs --environment cell or kind.'],
  ['cell', { gatewayApi: 'v1.5.1', on: 'dev' }, '--gateway-api needs a fresh environment; dev is already up.'],
  ['cell', { subnet: 3, on: 'dev' }, '--subnet needs a fresh environment; dev is already up.'],
  [
    'kind',
    { kubernetes: 'v1.37.2', nodeImage: 'n', kindConfig: 'k', istio: '1.30.1', certManager: 'v1.20.2', on: 'dev' },
    '--cert-manager, --kubernetes, --node-image, --kind-config, --istio need a fresh environment; dev is already up.',
  ],
  [
    'cell',
    { directory: 'https://ca.example.test', eabKid: 'kid' },
    '--directory, --eab-kid need --environment existing, or --on with a running cell that already hosts that CA. A fresh cell is isolated and contains only its own CA.',
  ],
] as const)('%s refuses %j', (kind, values, sentence) => {
  expect(() => refuseOptions(kind, values)).toThrow(expect.objectContaining({ exitCode: 2, message: sentence }));
});
