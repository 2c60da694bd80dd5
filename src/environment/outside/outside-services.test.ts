import { expect, test } from 'vitest';
import { pebbleConfiguration } from './outside-services.ts';

test('lets Pebble validate on the ports that browsers use, with one profile', () => {
  const { pebble } = JSON.parse(pebbleConfiguration());
  expect(pebble).toMatchObject({ httpPort: 80, tlsPort: 443, listenAddress: '0.0.0.0:443' });
  expect(Object.keys(pebble.profiles)).toEqual(['default']);
});
