import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest';
import { scenarioFaults } from '../../faults/index.ts';
import { orderCompleted } from '../checks/issuance/order-completed.ts';
import { goodEvidence } from '../checks/testing/evidence-fixture.ts';
import { ingressGatewayOfCharts, type RunningEnvironment } from '../environment/environment.ts';
import type { Evidence } from '../evidence/evidence.ts';
import type { ProbeClient } from '../evidence/probes/probe-client.ts';
import { ApiServerFixture } from '../kube/api-server-fixture.ts';
import { KubeClient } from '../kube/client.ts';
import { capabilitiesOf } from './context/capabilities.ts';
import { runScenario } from './run-scenario.ts';
import { type Scenario, scenario } from './scenario.ts';

const issuer = { apiVersion: 'cert-manager.io/v1', kind: 'Issuer', metadata: { namespace: 'own', name: 'acme' } };
const folder = mkdtempSync(join(tmpdir(), 'padlock-'));
writeFileSync(join(folder, 'how-we-order.json'), JSON.stringify(issuer));
afterAll(() => rmSync(folder, { recursive: true }));

let server: ApiServerFixture;
let kube: KubeClient;
let evidence: Evidence;
let pointedAt: string[];

beforeEach(async () => {
  server = await ApiServerFixture.start(
    { apiVersion: 'v1', kind: 'Namespace', plural: 'namespaces', namespaced: false },
    { apiVersion: 'cert-manager.io/v1', kind: 'Issuer', plural: 'issuers', namespaced: true },
  );
  kube = await KubeClient.open(server.kubeconfig);
  evidence = await goodEvidence();
  pointedAt = [];
});

afterEach(async () => {
  await kube[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

/** Runs a scenario with the fault `wrong-address` and evidence in which all is well. */
async function faulted(act: Scenario['act']) {
  const fault = scenarioFaults.find(({ id }) => id === 'wrong-address') ?? null;
  const names = {
    host: evidence.subject.host,
    namespace: 'own',
    applicationNamespace: 'own',
    suffix: '',
    gateway: ingressGatewayOfCharts,
  };
  const environment = {
    ca: { directoryUrl: '' },
    nameServers: [],
    gateway: ingressGatewayOfCharts,
    setAddresses: async (_: string, addresses: readonly string[]) => void pointedAt.push(...addresses),
  } as unknown as RunningEnvironment;
  const { report } = await runScenario({
    scenario: scenario({
      id: 'its-issuer-has-another-name',
      title: '',
      why: '',
      features: [],
      changesClusterWide: null,
      settings: {},
      manifests: folder,
      sharedNamespaces: () => [],
      timeLimitMs: 10_000,
      subject: () => ({ ...evidence.subject, issuer: { namespace: 'own', name: 'acme' } }),
      act,
      observe: async () => {},
      checks: [orderCompleted],
    }),
    recorders: { evidence: async () => evidence, explain: async (recorded) => recorded },
    keep: true,
    onFailure: async () => {},
    parts: {
      fault,
      run: 'run-1',
      names,
      environment,
      kube,
      outside: { dns: async () => ({ outcome: { error: '' } }) } as unknown as ProbeClient,
      browser: null,
      caRoots: [],
      foreignRoot: '',
      capabilities: capabilitiesOf(environment, { profiles: [], rootNames: [] }),
      directoryCa: '',
      httpbinImage: '',
      signal: new AbortController().signal,
      onStep: () => {},
      onWait: () => {},
      onWaited: () => {},
    },
  });
  return report;
}

test('a scenario whose Issuer comes from a manifest of any name has the fault', async () => {
  const report = await faulted((context) => context.applyIssuer('how-we-order.json'));
  expect(report.error).toBeUndefined();
  expect(pointedAt).toEqual(['192.0.2.77']);
});

test('a scenario that never reaches the moment of the fault does not pass', async () => {
  const report = await faulted((context) => context.apply('how-we-order.json'));
  expect(report.checks.map(({ result }) => result)).toEqual(['passed']);
  expect(report.result).toBe('error');
  expect(report.error?.message).toBe(
    "Fault 'wrong-address' was never started: the scenario did not reach the moment before its Issuer.",
  );
  expect(pointedAt).toEqual([]);
});
