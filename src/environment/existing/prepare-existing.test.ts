import { expect, test } from 'vitest';
import type { ExistingOptions } from './existing-options.ts';
import type { InstallPart } from './install-parts.ts';
import type { ExistingInstallation } from './installation.ts';
import { prepareExisting } from './prepare-existing.ts';
import { PreparedExisting } from './prepared-existing.ts';

const { signal } = new AbortController();
const existing: ExistingOptions = { kubeconfig: '/nowhere/kubeconfig', domain: 'example.test' };

test.each<readonly [ExistingOptions, string]>([
  [
    { install: ['pebble'], directory: 'https://ca.example.test' },
    '--directory cannot be combined with --install pebble',
  ],
  [{ install: ['pebble'], caRoot: ['a.pem'], caUserAgent: 'x' }, '--ca-root, --ca-user-agent cannot be combined'],
  [{ install: ['istio'], pebbleImage: 'pebble:2', directory: 'https://a' }, '--pebble-image needs --install pebble'],
  [{ install: ['istio'] }, 'needs a CA: pass the URL of its ACME directory with --directory, or --install pebble'],
  [{ install: ['istio', 'pebble'], gateway: 'a/b' }, '--gateway cannot be combined with --install istio'],
  [{ install: ['pebble'], domain: undefined }, 'A run needs host names: pass --domain'],
  [
    { kubeconfig: undefined },
    '--environment existing needs --kubeconfig for the cluster to run on. --environment existing needs a CA: pass',
  ],
  [{ kubeconfig: undefined, directory: 'https://a' }, '--environment existing needs --kubeconfig'],
])('refuses %j', async (options, message) => {
  const request = { name: 'run-a', options: { ...existing, ...options }, fault: null, signal };
  await expect(prepareExisting(request)).rejects.toMatchObject({
    exitCode: 2,
    message: expect.stringContaining(message),
  });
});

test('refuses a fault', async () => {
  const request = { name: 'run-a', options: existing, fault: 'gateway-down', signal };
  await expect(prepareExisting(request)).rejects.toThrow(/^--fault gateway-down needs --environment cell or kind/);
});

test('reports what is not upstream of what is installed, and of nothing else', async () => {
  // Nothing is installed: only its parts are asked for.
  const cluster = {} as ExistingInstallation;
  const notUpstream = async (...install: InstallPart[]) => {
    const prepared = new PreparedExisting({ cluster, install, applicationImage: 'httpbin' });
    return (await prepared.parts(null)).notUpstream.join(' ');
  };
  expect(await notUpstream('pebble')).toBe('');
  expect(await notUpstream('istio', 'pebble')).toMatch(/Istio.*Envoy/);
  expect(await notUpstream('istio', 'cert-manager')).not.toContain('CoreDNS');
});
