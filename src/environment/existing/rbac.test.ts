import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readManifest } from '../../kube/manifests.ts';
import { optionalRoles, rbacObjects, rbacObjectsOf } from './rbac.ts';
import {
  describeMissing,
  rightsForDnsUpdates,
  rightsForExternalAccount,
  rightsOfRun,
  rightsToInstall,
} from './rights.ts';

const fixtures = join(import.meta.dirname, '..', '..', '..', 'fixtures', 'existing');

test('the manifest for cluster administrators grants just what a run asks for', async () => {
  expect(await readManifest(join(fixtures, 'rbac.yaml')), `write it again: node scripts/write-rbac.ts`).toEqual(
    rbacObjects('istio-system'),
  );
});

test.each(optionalRoles)('$file grants just $neededBy', async (role) => {
  const objects = await readManifest(join(fixtures, role.file));
  const [, binding] = objects;
  expect(objects, `write it again: node scripts/write-rbac.ts`).toEqual(rbacObjectsOf(role));
  expect(binding).toMatchObject({ subjects: [{ kind: 'ServiceAccount', name: 'padlock', namespace: 'padlock' }] });
  expect(JSON.stringify(objects)).not.toContain('*');
});

test('nothing is asked for to install nothing, and no cluster-wide right for Pebble', () => {
  expect(rightsToInstall([])).toEqual([]);
  expect(new Set(rightsToInstall(['pebble']).map(({ scope }) => scope))).toEqual(new Set(['own']));
  const roles = rightsToInstall(['istio']).filter(({ resource }) => resource === 'clusterroles');
  expect(roles.flatMap(({ verbs }) => verbs)).toContain('escalate');
});

test("no rule has a wildcard, and Secrets are deleted only in the gateway's namespace", async () => {
  const objects = rbacObjects('gateways');
  expect(JSON.stringify(objects)).not.toContain('*');
  const clusterRole = objects.find(({ kind }) => kind === 'ClusterRole') as unknown as {
    rules: { resources: string[]; verbs: string[] }[];
  };
  expect(clusterRole.rules.find(({ resources }) => resources.includes('secrets'))?.verbs).toEqual(['list', 'watch']);
});

test('rights for cluster changes are requested only if they are allowed', () => {
  const verbs = (clusterChanges: boolean) =>
    rightsOfRun({ gatewayApi: true, clusterChanges, externalAccount: false, dnsUpdates: false }).find(
      ({ resource }) => resource === 'ingressclasses',
    )?.verbs;
  expect(verbs(false)).toEqual(['list', 'watch']);
  expect(verbs(true)).toContain('delete');
});

test('Secrets are created only for external accounts, in every namespace of an Issuer', () => {
  const made = (externalAccount: boolean) =>
    rightsOfRun({ gatewayApi: true, clusterChanges: false, externalAccount, dnsUpdates: false })
      .filter(({ resource, verbs }) => resource === 'secrets' && verbs.includes('create') && verbs.includes('patch'))
      .map(({ scope }) => scope);
  expect(made(false)).toEqual([]);
  expect(made(true)).toEqual(['own', 'gateway']);
  expect(rightsOfRun({ gatewayApi: true, clusterChanges: false, externalAccount: true, dnsUpdates: false })).toEqual(
    expect.arrayContaining([...rightsForExternalAccount]),
  );
});

test('DNS-01 needs a Secret wherever an Issuer may be, and removes Certificates there', () => {
  const without = rightsOfRun({ gatewayApi: true, clusterChanges: false, externalAccount: false, dnsUpdates: false });
  const rights = rightsOfRun({ gatewayApi: true, clusterChanges: false, externalAccount: false, dnsUpdates: true });
  expect(rights.slice(without.length)).toEqual(rightsForDnsUpdates);
  const may = (verb: string, resource: string) =>
    rights.filter((each) => each.resource === resource && each.verbs.includes(verb)).map(({ scope }) => scope);
  expect(may('create', 'secrets')).toEqual(['own', 'gateway']);
  expect(may('patch', 'secrets')).toEqual(['own', 'gateway']);
  expect(may('delete', 'certificates').toSorted()).toEqual(['gateway', 'own']);
});

test('says what is missing in a few words', () => {
  expect(
    describeMissing([
      { verb: 'list', resource: 'secrets', namespace: 'b' },
      { verb: 'create', resource: 'namespaces', namespace: null },
      { verb: 'watch', resource: 'secrets', namespace: 'b' },
      { verb: 'list', resource: 'secrets', namespace: 'a' },
      { verb: 'list', resource: 'services', namespace: null },
      { verb: 'watch', resource: 'secrets', namespace: 'a' },
    ]),
  ).toBe('create namespaces; list services; list, watch secrets in a and b');
});
