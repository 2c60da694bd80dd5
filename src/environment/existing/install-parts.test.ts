import { expect, test } from 'vitest';
import { parseInstallParts } from './install-parts.ts';

test('takes a list, each part once and in a fixed order', () => {
  expect(parseInstallParts('pebble')).toEqual(['pebble']);
  expect(parseInstallParts('pebble, istio,cert-manager,istio')).toEqual(['istio', 'cert-manager', 'pebble']);
});

test.each(['', 'istio,', 'istio cert-manager', 'Pebble', 'vault'])('refuses %o', (text) => {
  expect(() => parseInstallParts(text)).toThrow('a list of istio, cert-manager, pebble');
});
