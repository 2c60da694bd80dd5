import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { goodPathChecks } from '../src/checks/all-checks.ts';
import { allRules } from '../src/diagnosis/diagnose.ts';
import { ingressGatewayOfCharts } from '../src/environment/environment.ts';
import { certificateOf, type FaultPlace, placeholdersOf } from '../src/faults/fault-place.ts';
import { manifestsOf } from '../src/faults/stage-fault.ts';
import type { KubeObject } from '../src/kube/kube-object.ts';
import { readManifest } from '../src/kube/manifests.ts';
import { faults, scenarioFaults, standaloneFaults } from './index.ts';
import missingSecret from './missing-secret/fault.ts';
import { tried } from './tried.ts';

const folders = readdirSync(import.meta.dirname, { withFileTypes: true }).filter((entry) => entry.isDirectory());
const rules = allRules.map(({ id }) => id);

/** Rules that no fault here is diagnosed as, each with the reason. `src/diagnosis` has evidence for every one of them. */
const withoutFault: Readonly<Record<string, string>> = {
  'account-not-valid': 'It needs a CA that deactivates an account.',
  'backs-off': 'It is a step of every failed issuance, once its CertificateRequest is gone.',
  'ca-no-answer': 'It needs a CA that stops answering, as failures of the suite resilience do.',
  'cluster-dns-not-running': 'It would keep every Pod of the cluster from its names.',
  'directory-fails': 'It needs a CA that fails, as failures of the suite resilience do.',
  'caa-forbids': 'It needs a CA that checks CAA, which neither Pebble 2.10.1 nor step-ca 0.30.2 does.',
  'gateway-at-the-wrong-api-server': 'It needs two clusters: e2e/external-istiod stages it.',
  'istiod-cannot-read-cluster': 'It needs two clusters: e2e/external-istiod stages it.',
  'secret-of-the-control-plane': 'It needs two clusters: e2e/external-istiod stages it.',
  'cert-manager-not-running': 'It would end every other issuance of the cluster.',
  'istiod-not-running': 'It would keep every gateway of the cluster from what is new.',
  'serving-begins': 'It is a step of every issuance.',
  'certificate-not-looked-at': 'It needs a cluster whose cert-manager does not run.',
  'issuer-not-looked-at': 'It needs a cluster whose cert-manager does not run.',
  'istio-ignores-ingresses': 'It needs another mesh configuration.',
  'request-failed': 'It is what is left where no rule knows why a request failed before its Order.',
  'request-not-approved': 'It needs a cert-manager whose approver is off.',
  'too-many-challenges': 'It needs sixty Challenges that do not get through.',
  'challenge-hangs-on-deletion': 'It follows dns01-wrong-key, once its Certificate is deleted.',
  'challenge-waits': 'It is what is left where no other rule knows the reason.',
  'dns01-not-presented': 'It covers every DNS provider other than RFC 2136.',
  'gateway-does-not-listen': 'Any Gateway of the cell opens port 80 for all faults.',
  'ingress-class-of-another': 'It needs the Ingress controller of another vendor.',
  issued: 'Nothing is wrong.',
  'no-route': 'It shows for a moment of every issuance, and lasts with missing-ingress-class, which is named instead.',
  'not-served': 'It is what is left where no rule knows why TLS fails.',
  'order-waits': 'It is a step of every issuance.',
  'rate-limited': 'Pebble has no rate limits.',
  'refused-by-clients': 'It needs a served certificate that is expired or for another name.',
  'renewal-failed': 'It needs a renewal that fails, and then a CertificateRequest that is gone.',
  'request-denied': 'It needs an approver such as approver-policy.',
  'request-waits': 'It is a step of every issuance.',
  'self-check-passes': 'It is a step of every issuance.',
  served: 'Nothing is wrong.',
  'solver-starting': 'It is a step of every issuance.',
};

test('every folder has a fault of its name', () => {
  expect(faults.map(({ id }) => id)).toEqual(folders.map(({ name }) => name).sort());
});

describe.for(faults)('$id', ({ diagnosedAs, title, symptom }) => {
  test('is diagnosed by a rule that exists', () => {
    if (diagnosedAs !== null) expect(rules).toContain(diagnosedAs);
  });

  test('has a title without a full stop and a symptom with one', () => {
    expect(title).toMatch(/^\S.*[^.]$/);
    expect(symptom).toMatch(/^\S.*\.$/);
  });
});

test('every fault that a rule names has a cure, with steps where it can be staged on its own', () => {
  const named = faults.filter(({ diagnosedAs }) => diagnosedAs !== null);
  expect(named.filter(({ cure }) => cure === undefined).map(({ id }) => id)).toEqual([]);
  expect(standaloneFaults.filter(({ cure }) => cure?.steps.length === 0).map(({ id }) => id)).toEqual([]);
});

test('every rule has a fault or a reason for its absence', () => {
  const staged = new Set(faults.map(({ diagnosedAs }) => diagnosedAs));
  expect(rules.filter((id) => !staged.has(id)).sort()).toEqual(Object.keys(withoutFault).sort());
});

test.for(scenarioFaults)('$id turns red checks of the good path alone', ({ inScenario }) => {
  const known = goodPathChecks.map(({ id }) => id);
  expect(inScenario.turnsRed.filter((id) => !known.includes(id))).toEqual([]);
});

test.for(standaloneFaults)('the manifests of $id have the Certificate that a trace looks at', async (fault) => {
  const { ca, gateway } = {
    ca: { directoryUrl: 'https://ca/dir', directoryCaFile: null },
    gateway: ingressGatewayOfCharts,
  };
  const environment = { ca, gateway, domain: 'padlock.test', nameServers: ['192.0.2.1'] };
  const place = { environment } as unknown as FaultPlace;
  const values = await placeholdersOf(fault, place);
  const objects = await readManifest(fault.onItsOwn.manifest, values);
  const { namespace, name } = certificateOf(fault, place);
  expect(objects.filter(({ kind }) => kind === 'Certificate').map(({ metadata }) => metadata)).toContainEqual({
    namespace,
    name,
  });
  for (const file of manifestsOf(fault)) expect((await readManifest(file, values)).length, file).toBeGreaterThan(0);
});

test('no folder has a manifest that its fault does not use', () => {
  const used = standaloneFaults.flatMap(manifestsOf);
  const there = folders.flatMap(({ name }) =>
    readdirSync(join(import.meta.dirname, name))
      .filter((file) => file.endsWith('.yaml'))
      .map((file) => join(import.meta.dirname, name, file)),
  );
  expect(there.sort()).toEqual(used.sort());
});

describe('missing-secret', () => {
  const changes = (object: KubeObject) => missingSecret.inScenario.changes(object);
  const gateway = (apiVersion: string, spec: object): KubeObject => ({
    ...{ apiVersion, kind: 'Gateway', metadata: { name: 'https' } },
    spec,
  });

  test('replaces the Secrets of both kinds of Gateway', () => {
    const istio = (name: string) =>
      gateway('networking.istio.io/v1', { servers: [{ tls: { mode: 'SIMPLE', credentialName: name } }] });
    expect(changes(istio('secret'))).toEqual(istio('no-such-secret'));
    const api = (reference: object) =>
      gateway('gateway.networking.k8s.io/v1', { listeners: [{ tls: { certificateRefs: [reference] } }] });
    expect(changes(api({ kind: 'Secret', name: 'secret' }))).toEqual(api({ name: 'no-such-secret' }));
  });

  test('leaves everything else as it is', () => {
    const http = gateway('networking.istio.io/v1', { servers: [{ port: { number: 80 } }] });
    expect(changes(http)).toBe(http);
    const other = { ...http, kind: 'VirtualService' };
    expect(changes(other)).toBe(other);
  });
});

test('what was tried names faults that exist, and says what was seen otherwise', () => {
  const ids = new Set(faults.map(({ id }) => id));
  for (const { what, outcome, on } of tried) {
    expect(on, what).toMatch(/^\d{4}-\d{2}-\d{2}$/);
    if ('fault' in outcome) expect(ids, what).toContain(outcome.fault);
    else expect(outcome.seen, what).toMatch(/\.$/);
  }
});
