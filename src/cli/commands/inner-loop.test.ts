import { describe, expect, test } from 'vitest';
import type { RunningEnvironment } from '../../environment/environment.ts';
import { ingressGatewayOfCharts } from '../../environment/environment.ts';
import type { EnvironmentProvider } from '../../environment/provider.ts';
import { registerProvider } from '../../environment/registry/providers.ts';
import { setDns, unsetDns } from './dns.ts';

/** Registers a kind of environment with one of that name, whose records the returned map has. */
function environment(name: string, made: boolean) {
  const records = new Map<string, readonly string[]>();
  const own: Partial<RunningEnvironment> = {
    domain: 'padlock.test',
    gateway: ingressGatewayOfCharts,
    setAddresses: async (host, addresses) => void records.set(host, addresses),
  };
  const provider = {
    find: async (wanted: string) =>
      wanted !== name
        ? null
        : {
            ...{ name, title: `thing '${name}'`, kubeconfig: 'none', logs: async () => new Map() },
            connect: async () => ({ kubeconfig: 'none', nameServers: [], ...(made ? { made: own } : {}) }),
          },
  } as unknown as EnvironmentProvider;
  const registration = registerProvider({
    ...{ kind: 'test', summary: 'a test', commands: [], options: {} },
    load: async () => provider,
  });
  return { records, [Symbol.dispose]: () => registration[Symbol.dispose]() };
}

describe('padlock dns', () => {
  test('sets and unsets addresses below the domain', async () => {
    using one = environment('dns-test', true);
    await setDns('App.padlock.test.', ['192.0.2.1', '2001:db8::1'], { name: 'dns-test' });
    expect([...one.records]).toEqual([['app.padlock.test', ['192.0.2.1', '2001:db8::1']]]);
    await unsetDns('app.padlock.test', { name: 'dns-test' });
    expect([...one.records]).toEqual([['app.padlock.test', []]]);
  });

  test.each([
    ['app.padlock.test', ['10.1.2'], /^'10\.1\.2' is no address\. Pass IP addresses, or 'gateway'/],
    ['app.example.com', ['192.0.2.1'], /^app\.example\.com is not below padlock\.test/],
    ['notpadlock.test', ['192.0.2.1'], /^notpadlock\.test is not below padlock\.test/],
    ['a b.padlock.test', ['192.0.2.1'], /^'a b\.padlock\.test' is no host name\.$/],
    ['x\nserver 1.2.3.4.padlock.test', ['192.0.2.1'], /is no host name\.$/],
  ])('refuses %j with %j', async (host, addresses, message) => {
    using one = environment('dns-test', true);
    await expect(setDns(host, addresses, { name: 'dns-test' })).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringMatching(message),
    });
    expect(one.records.size).toBe(0);
  });

  test('refuses a run in a cluster that was there before', async () => {
    using _ = environment('dns-test', false);
    await expect(unsetDns('a.padlock.test', { name: 'dns-test' })).rejects.toThrow(
      "The thing 'dns-test' has no name server and no CA of Padlock's own.",
    );
  });
});
