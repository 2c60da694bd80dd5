import { expect, test } from 'vitest';
import { existingEnvironment, notUpstreamInstalled, refuseExistingOptions } from './existing-environment.ts';

const { signal } = new AbortController();
const there = { kubeconfig: '/nowhere/kubeconfig', domain: 'example.test', allowClusterChanges: false };

test.each([
  [{ install: ['pebble'], directory: 'https://ca.example.test' }, '--directory: for a CA that is there already'],
  [{ install: ['pebble'], caRoot: ['a.pem'], caUserAgent: 'x' }, '--ca-root, --ca-user-agent: for a CA'],
  [{ install: ['istio'], pebbleImage: 'pebble:2', directory: 'https://a' }, '--pebble-image is for --install pebble'],
  [{ install: ['istio'] }, 'needs --directory, the URL of the ACME directory of the CA, or --install pebble'],
  [{ install: ['istio', 'pebble'], gateway: 'a/b' }, '--gateway is for an Istio that is there already'],
  [{ install: ['pebble'], domain: undefined }, 'Say with --domain'],
] as const)('refuses %j', async (options, message) => {
  const given = { ...there, ...options } as Parameters<typeof existingEnvironment>[0];
  await expect(existingEnvironment(given, 'run-a', signal)).rejects.toMatchObject({
    exitCode: 2,
    message: expect.stringContaining(message),
  });
});

test('has --install for an existing cluster only', () => {
  expect(() => refuseExistingOptions({ install: ['pebble'], pebbleImage: 'p', allowClusterChanges: false })).toThrow(
    '--install, --pebble-image: only for --environment existing.',
  );
});

test('names what is not upstream of what is installed, and of nothing else', () => {
  const said = (...install: ('istio' | 'cert-manager' | 'pebble')[]) =>
    notUpstreamInstalled({ install, allowClusterChanges: false }).join(' ');
  expect(said('pebble')).toBe('');
  expect(said('istio', 'pebble')).toMatch(/Istio.*Envoy/);
  expect(said('istio', 'cert-manager')).not.toContain('CoreDNS');
});
