import { randomBytes } from 'node:crypto';
import { readdirSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { cacheFolder } from '../src/components/index.ts';
import { KubeClient } from '../src/kube/client.ts';
import { padlock } from './padlock-command.ts';

const states = join(cacheFolder(), 'prepared-states');
const upSchema = z.object({ kubeconfig: z.string(), preparedState: z.string().optional() });
const names: string[] = [];

async function up(...args: readonly string[]) {
  const name = `state-${randomBytes(3).toString('hex')}`;
  names.push(name);
  const { exitCode, stdout, stderr } = await padlock(['up', '--name', name, '--json', ...args]);
  expect(exitCode, stderr).toBe(0);
  return { ...upSchema.parse(JSON.parse(stdout)), name, stderr };
}

async function down({ name }: { readonly name: string }): Promise<void> {
  const { exitCode, stderr } = await padlock(['down', name]);
  expect(exitCode, stderr).toBe(0);
}

beforeAll(async () => {
  // The first one takes the state where there is none.
  await down(await up());
});

afterAll(async () => {
  await Promise.all(names.map((name) => padlock(['down', name])));
});

/** What is secret in a cluster, by place. */
async function secretsOf(kube: KubeClient): Promise<ReadonlyMap<string, string>> {
  const secrets = await kube.list({ apiVersion: 'v1', kind: 'Secret' });
  return new Map(
    secrets.flatMap(({ metadata: { namespace, name }, data }) =>
      Object.entries((data ?? {}) as Record<string, string>)
        .filter(([, value]) => value !== '')
        .map(([field, value]) => [`${namespace}/${name} ${field}`, value] as const),
    ),
  );
}

/** The authorities that webhooks are called with, base64 of PEM. */
async function webhookAuthorities(kube: KubeClient): Promise<ReadonlySet<string>> {
  const kinds = ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration'];
  const apiVersion = 'admissionregistration.k8s.io/v1';
  const lists = await Promise.all(kinds.map((kind) => kube.list({ apiVersion, kind })));
  const webhooks = lists.flat().flatMap((list) => list.webhooks as { clientConfig: { caBundle?: string } }[]);
  return new Set(webhooks.map(({ clientConfig }) => clientConfig.caBundle ?? ''));
}

test('two cells of one prepared state share no secret, and their webhooks trust their own authorities', async () => {
  const cells = await Promise.all([up(), up()]);
  const [first, second] = cells;
  expect(first.preparedState).toMatch(/^sha256:[0-9a-f]{64}$/);
  expect(second.preparedState).toBe(first.preparedState);
  const [secrets, others] = await Promise.all(
    cells.map(async ({ kubeconfig }) => {
      await using kube = await KubeClient.open({ path: kubeconfig });
      const found = await secretsOf(kube);
      const values = new Set(found.values());
      for (const authority of await webhookAuthorities(kube)) expect(values).toContain(authority);
      return found;
    }),
  );
  expect([...(secrets?.keys() ?? [])].sort()).toEqual([...(others?.keys() ?? [])].sort());
  expect([...(secrets?.keys() ?? [])]).toEqual(
    expect.arrayContaining(['istio-system/istio-ca-secret ca-key.pem', 'cert-manager/cert-manager-webhook-ca tls.key']),
  );
  for (const [place, value] of secrets ?? []) expect(others?.get(place), place).not.toBe(value);
  await Promise.all(cells.map(down));
});

test('with --install-fresh everything is installed anew', async () => {
  const cell = await up('--install-fresh');
  expect(cell.preparedState).toBeUndefined();
  expect(cell.stderr).not.toContain('prepared state');
  await down(cell);
});

test('a truncated state is noticed in one sentence and made again', async () => {
  const before = await up();
  await down(before);
  for (const key of readdirSync(states)) truncateSync(join(states, key, 'etcd', 'member', 'snap', 'db'), 8192);
  const cell = await up();
  expect(cell.preparedState).toBeUndefined();
  expect(cell.stderr).toMatch(/the prepared state \S+ is damaged: \S+ is not as it was taken; installing anew/);
  await down(cell);
  const after = await up();
  expect(after.preparedState).toMatch(/^sha256:/);
  expect(after.preparedState).not.toBe(before.preparedState);
  await down(after);
});
